"""What later stages add to a model's run, and how a run that is missing comes back."""

import json
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import mlflow
import numpy as np
import pytest
from mlflow.entities import Run as Entity
from tiny_store import (
    EXPERIMENT,
    FAIL,
    METRICS,
    PROVENANCE,
    ROWS,
    SAMPLES,
    artifacts,
    environment,
    flat,
    fresh_client,
    make_empty_store,
    make_root,
    runs,
    sample_images,
    save_tiny_model,
    series,
    warnings_in,
    write_attribute_vectors,
    write_edits,
    write_embeddings,
    write_evaluation,
    write_figure,
    write_training,
)

from latent.io.paths import ModelPaths
from latent.params import TrainVAE
from latent.tracking.epochs import log_epochs
from latent.tracking.model_run import Stage, model_run
from latent.tracking.models import ALIAS
from latent.tracking.run import MODEL_TAG, find_runs, model_digest
from latent.tracking.system_tags import PROCESS_TAG
from latent.tracking.training import REBUILT_TAG, log_result, training_run

KEY = "0a" * 32


@pytest.fixture(autouse=True)
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[pytest.MonkeyPatch]:
    with fresh_client(tmp_path_factory.mktemp("elsewhere")) as monkeypatch:
        yield monkeypatch


@pytest.fixture(scope="module")
def empty_store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_empty_store(tmp_path_factory.mktemp("store"))


@pytest.fixture
def root(tmp_path: Path, empty_store: Path) -> Path:
    return make_root(tmp_path / "project", empty_store)


@pytest.fixture(scope="module")
def networks(tiny_architecture: TrainVAE, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save_tiny_model(tmp_path_factory.mktemp("networks") / "model", tiny_architecture)


@pytest.fixture
def paths(tmp_path: Path, networks: Path) -> ModelPaths:
    """What a training leaves."""
    return write_training(tmp_path, networks)


def train(root: Path, paths: ModelPaths, epochs: int = 2) -> str:
    """Log a training whose first epochs were told as they ended; return its run's id."""
    with training_run(root, paths.name, FAIL, KEY, PROVENANCE, {"download.seed": 1}) as run:
        run.attempt(log_epochs, run, ROWS[:epochs], list(SAMPLES[:epochs]))
        run.attempt(log_result, run, paths)
    return run.run_id


def catch_up(root: Path, paths: ModelPaths, stage: Stage) -> Entity:
    """Run a later stage that makes nothing new; return the only run that there is then."""
    with model_run(root, paths, FAIL, stage):
        pass
    (entity,) = runs(paths.name)
    return entity


def assert_is_whole(entity: Entity, paths: ModelPaths) -> None:
    """Check what every run of a training has at its end."""
    assert entity.info.status == "FINISHED"
    assert entity.data.tags[MODEL_TAG] == model_digest(paths.model)
    for name in ("train/loss", "test/loss"):
        assert series(entity, name) == [(row["epoch"], row[name]) for row in ROWS]
    assert [step for step, _ in sample_images(entity)] == [1, 2]
    assert entity.data.metrics == METRICS
    assert artifacts(entity, "model") == ["history.csv", "provenance.json", "summary.txt"]
    for part in ("encoder", "decoder"):
        version = mlflow.MlflowClient().get_model_version_by_alias(f"{paths.name}_{part}", ALIAS)
        assert version.run_id == entity.info.run_id


@pytest.mark.parametrize("epochs", [2, 1, 0])
def test_a_result_is_logged_with_the_epochs_that_are_not_known(
    root: Path, paths: ModelPaths, epochs: int
) -> None:
    run_id = train(root, paths, epochs)
    (entity,) = runs()
    assert entity.info.run_id == run_id
    assert_is_whole(entity, paths)
    assert "warning" not in entity.data.tags


def test_a_collapsed_posterior_is_told_in_the_run(root: Path, paths: ModelPaths) -> None:
    paths.training_metrics.write_text(
        json.dumps({**METRICS, "posterior_collapsed": 1}), encoding="utf-8"
    )
    train(root, paths)
    (entity,) = runs()
    assert "collapsed" in entity.data.tags["warning"]


def test_a_later_stage_finds_the_run_by_the_models_content(
    root: Path, paths: ModelPaths, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    run_id = train(root, paths)
    # What counts is the content: DVC may have taken the folder from its cache.
    same = ModelPaths(paths.name, tmp_path / "from the cache")
    shutil.copytree(paths.model, same.model)
    with model_run(root, same, FAIL, "embed"):
        write_embeddings(same, **{"embedding/std": 0.9})
    (entity,) = runs()
    assert entity.info.run_id == run_id
    assert entity.info.status == "FINISHED"
    assert entity.data.metrics == {**METRICS, "embedding/std": 0.9}
    assert REBUILT_TAG not in entity.data.tags
    assert warnings_in(caplog) == []


def test_of_the_runs_of_one_model_the_newest_is_the_one(
    root: Path, paths: ModelPaths, tmp_path: Path
) -> None:
    train(root, paths)
    newest = train(root, paths)
    other = write_training(tmp_path / "other", paths.model)
    (other.model / "decoder.keras").write_bytes((paths.model / "encoder.keras").read_bytes())
    third = train(root, other)
    assert [run.info.run_id for run in runs()][:2] == [third, newest]
    with model_run(root, paths, FAIL, "embed"):
        write_embeddings(paths, **{"embedding/std": 0.9})
    having = [entity for entity in runs() if "embedding/std" in entity.data.metrics]
    assert [entity.info.run_id for entity in having] == [newest]
    assert find_runs(EXPERIMENT, MODEL_TAG, "no digest") == []
    assert find_runs("vae_fashion", MODEL_TAG, model_digest(paths.model)) == []


def test_a_missing_run_is_rebuilt_from_the_outs(
    root: Path, paths: ModelPaths, caplog: pytest.LogCaptureFixture
) -> None:
    entity = catch_up(root, paths, "embed")
    assert_is_whole(entity, paths)
    assert entity.info.run_name == "sample, 2-D, 2 epochs"
    assert entity.data.params == flat(PROVENANCE)
    tags = entity.data.tags
    assert tags["data.digest"] == PROVENANCE["data"]["digest"]
    assert tags["package.keras"] == "3.15"
    (dataset,) = entity.inputs.dataset_inputs
    assert dataset.dataset.name == "fashion"
    # It says what it is, and not what it cannot know.
    assert REBUILT_TAG in tags
    assert not [name for name in tags if name.startswith(("machine.", "git."))]
    assert "mlflow.source.git.commit" not in tags
    (warning,) = warnings_in(caplog)
    assert str(paths.model) in warning
    # The next stage finds it.
    write_embeddings(paths, **{"embedding/std": 0.9})
    assert catch_up(root, paths, "figures").info.run_id == entity.info.run_id
    assert len(warnings_in(caplog)) == 1


# MLflow asks git about the folder of the program that is running.
REBUILD = """
import sys
from pathlib import Path
from tiny_store import FAIL
from latent.io.paths import ModelPaths
from latent.tracking.model_run import model_run
with model_run(Path(sys.argv[1]), ModelPaths("ae_fashion", Path(sys.argv[2])), FAIL, "embed"):
    pass
"""


def test_a_run_that_is_rebuilt_tells_no_commit(
    root: Path, paths: ModelPaths, tmp_path: Path
) -> None:
    program = tmp_path / "repository" / "rebuild.py"
    program.parent.mkdir()
    program.write_text(REBUILD, encoding="utf-8")
    identity = ["-c", "user.name=Test", "-c", "user.email=test@localhost"]
    for command in (["init", "-q"], ["add", "-A"], [*identity, "commit", "-qm", "Begin"]):
        subprocess.run(["git", *command], cwd=program.parent, check=True)
    done = subprocess.run(
        [sys.executable, str(program), str(root), str(tmp_path)],
        cwd=program.parent,
        env=environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    mlflow.set_tracking_uri(f"sqlite:///{root / 'mlflow.db'}")
    (entity,) = runs()
    assert entity.info.status == "FINISHED"
    assert entity.data.tags[MODEL_TAG] == model_digest(paths.model)
    assert not [name for name in entity.data.tags if "git" in name]


def test_a_run_that_somebody_deleted_is_rebuilt(root: Path, paths: ModelPaths) -> None:
    deleted = train(root, paths)
    mlflow.delete_run(deleted)
    assert catch_up(root, paths, "embed").info.run_id != deleted


def test_runs_that_are_rebuilt_together_land_where_they_belong(
    root: Path, paths: ModelPaths, networks: Path, tmp_path: Path
) -> None:
    other = write_training(tmp_path / "other", networks, "vae_fashion")
    with ExitStack() as stack:
        for each in (paths, other):
            stack.enter_context(model_run(root, each, FAIL, "report"))
        paths.report.write_text("<p>of both</p>", encoding="utf-8")
    for name in (paths.name, other.name):
        (entity,) = runs(name)
        assert entity.info.status == "FINISHED"
        for part in ("encoder", "decoder"):
            version = mlflow.MlflowClient().get_model_version_by_alias(f"{name}_{part}", ALIAS)
            assert version.run_id == entity.info.run_id


def test_a_stage_adds_what_the_run_lacks_of_those_before(root: Path, paths: ModelPaths) -> None:
    train(root, paths)
    # DVC took them from its cache, so their stages did not run.
    write_embeddings(paths, **{"embedding/std": 0.9})
    write_attribute_vectors(paths, **{"auc/Smiling": 0.8})
    write_figure(paths)
    paths.report.write_text("<p>later</p>", encoding="utf-8")
    entity = catch_up(root, paths, "embed")
    assert "embedding/std" in entity.data.metrics
    assert "auc/Smiling" not in entity.data.metrics
    entity = catch_up(root, paths, "figures")
    assert entity.data.metrics == {**METRICS, "embedding/std": 0.9, "auc/Smiling": 0.8}
    assert artifacts(entity, "attributes") == ["attribute_vectors.csv"]
    assert artifacts(entity, "figures") == ["3-08_generated.png"]
    assert artifacts(entity, "previews") == ["3-08_generated.png"]
    assert "3-08_generated.png" in entity.data.tags["mlflow.note.content"]
    assert artifacts(entity, "report") == []
    entity = catch_up(root, paths, "report")
    assert artifacts(entity, "report") == ["index.html"]


def test_what_was_measured_is_added_with_what_is_behind_it(root: Path, paths: ModelPaths) -> None:
    train(root, paths)
    write_embeddings(paths, **{"embedding/std": 0.9})
    write_evaluation(paths, **{"evaluate/elbo_nats": -264.0})
    write_edits(paths, **{"evaluate/edits/recognized": 20.0})
    entity = catch_up(root, paths, "evaluate")
    measured = {**METRICS, "embedding/std": 0.9, "evaluate/elbo_nats": -264.0}
    assert entity.data.metrics == measured
    assert artifacts(entity, "evaluation") == ["dimensions.csv"]
    entity = catch_up(root, paths, "evaluate_edits")
    assert entity.data.metrics == {**measured, "evaluate/edits/recognized": 20.0}
    assert artifacts(entity, "evaluation") == ["dimensions.csv", "edits.csv", "flips.png"]


def test_outs_that_may_still_be_of_the_model_before_are_not_added(
    root: Path, paths: ModelPaths
) -> None:
    train(root, paths)
    write_evaluation(paths, **{"evaluate/elbo_nats": -264.0})
    write_edits(paths, **{"evaluate/edits/recognized": 20.0})
    write_figure(paths)
    # Neither of the two stages needs the other to have run.
    assert "evaluate/elbo_nats" not in catch_up(root, paths, "figures").data.metrics
    assert "evaluate/edits/recognized" not in catch_up(root, paths, "evaluate").data.metrics
    found = catch_up(root, paths, "report").data.metrics
    assert {"evaluate/elbo_nats", "evaluate/edits/recognized"} <= set(found)


def test_what_is_unchanged_is_not_logged_twice(
    root: Path, paths: ModelPaths, client: pytest.MonkeyPatch
) -> None:
    train(root, paths)
    write_embeddings(paths, **{"embedding/std": 0.9})
    write_figure(paths)
    catch_up(root, paths, "figures")
    said: list[str] = []
    with client.context() as patch:
        for call in ("log_batch", "log_artifact", "log_artifacts", "log_image", "set_tag"):
            patch.setattr(
                mlflow.MlflowClient, call, lambda *args, call=call, **options: said.append(call)
            )
        entity = catch_up(root, paths, "figures")
    assert said == []
    assert series(entity, "embedding/std") == [(0, 0.9)]


def test_what_changed_is_logged_again(root: Path, paths: ModelPaths) -> None:
    train(root, paths)
    write_embeddings(paths, **{"embedding/std": 0.9})
    write_figure(paths)
    catch_up(root, paths, "figures")
    time.sleep(0.002)  # points of a metric are told apart by the millisecond
    write_embeddings(paths, **{"embedding/std": 0.8})
    write_figure(paths, colour="blue")
    write_figure(paths, "3-09_grid.png")
    entity = catch_up(root, paths, "figures")
    assert series(entity, "embedding/std") == [(0, 0.9), (0, 0.8)]
    assert entity.data.metrics["embedding/std"] == 0.8
    assert artifacts(entity, "figures") == ["3-08_generated.png", "3-09_grid.png"]
    picture = mlflow.artifacts.load_image(f"runs:/{entity.info.run_id}/figures/3-08_generated.png")
    assert tuple(np.asarray(picture.convert("RGB"))[0, 0]) == (0, 0, 255)


def test_a_stage_that_fails_adds_nothing(root: Path, paths: ModelPaths) -> None:
    train(root, paths)
    with pytest.raises(ZeroDivisionError), model_run(root, paths, FAIL, "embed"):
        write_embeddings(paths, **{"embedding/std": 0.9})
        raise ZeroDivisionError
    (entity,) = runs()
    assert entity.data.metrics == METRICS
    assert entity.info.status == "FINISHED"


def test_outs_that_cannot_be_read_cost_the_tracking_only(
    root: Path, paths: ModelPaths, caplog: pytest.LogCaptureFixture
) -> None:
    paths.provenance.write_text("{", encoding="utf-8")
    done = []
    with model_run(root, paths, FAIL, "embed"):
        done.append("result")
    assert done == ["result"]
    assert any(str(paths.provenance) in warning for warning in warnings_in(caplog))


def test_a_rebuilding_that_stopped_half_way_leaves_no_run_that_seems_to_run(
    root: Path, paths: ModelPaths
) -> None:
    paths.training_metrics.unlink()  # which it comes to late
    with model_run(root, paths, FAIL, "embed"):
        pass
    (entity,) = runs()
    # Or else it says who it is of, so that the next training can mark it as killed.
    assert entity.info.status != "RUNNING" or PROCESS_TAG in entity.data.tags
