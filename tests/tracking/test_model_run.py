"""Tests of what later stages log to a model's run, and of runs recreated from the outs."""

import json
import shutil
import subprocess
import sys
import time
from contextlib import ExitStack
from pathlib import Path

import mlflow
import numpy as np
import pytest
from mlflow.entities import Run as Entity
from tiny_store import (
    EXPERIMENT,
    FAIL,
    LOGGED,
    METRICS,
    PROVENANCE,
    ROWS,
    SAMPLES,
    artifacts,
    environment,
    logged_params,
    runs,
    sample_images,
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
from latent.tracking.epochs import log_epochs
from latent.tracking.model_run import Stage, model_run
from latent.tracking.models import ALIAS
from latent.tracking.run import MODEL_TAG, find_runs, model_digest
from latent.tracking.training import RECREATED_TAG, log_result, training_run

KEY = "0a" * 32


pytestmark = pytest.mark.usefixtures("client")


@pytest.fixture
def paths(tmp_path: Path, networks: Path) -> ModelPaths:
    """The outs of a training."""
    return write_training(tmp_path, networks)


def train(root: Path, paths: ModelPaths, epochs: int = 2) -> str:
    """Log a training, and its first epochs before its result; return the id of its run."""
    with training_run(root, paths.name, FAIL, KEY, PROVENANCE, {"download.seed": 1}) as run:
        run.submit(log_epochs, run, ROWS[:epochs], list(SAMPLES[:epochs]))
        run.submit(log_result, run, paths)
    return run.run_id


def log_stage(root: Path, paths: ModelPaths, stage: Stage) -> Entity:
    """Log a later stage whose outs exist already; return the experiment's only run."""
    with model_run(root, paths, FAIL, stage):
        pass
    (entity,) = runs(paths.name)
    return entity


def assert_is_complete(entity: Entity, paths: ModelPaths) -> None:
    """Check the content that each run of a finished training has."""
    assert entity.info.status == "FINISHED"
    assert entity.data.tags[MODEL_TAG] == model_digest(paths.model)
    for name in ("train/loss", "test/loss"):
        assert series(entity, name) == [(row["epoch"], row[name]) for row in ROWS]
    assert [step for step, _ in sample_images(entity)] == [1, 2]
    assert entity.data.metrics == LOGGED
    assert artifacts(entity, "model") == ["history.csv", "provenance.json", "summary.txt"]
    for part in ("encoder", "decoder"):
        version = mlflow.MlflowClient().get_model_version_by_alias(f"{paths.name}_{part}", ALIAS)
        assert version.run_id == entity.info.run_id


@pytest.mark.parametrize("epochs", [2, 1, 0])
def test_a_result_is_logged_with_the_epochs_that_the_run_lacks(
    root: Path, paths: ModelPaths, epochs: int
) -> None:
    run_id = train(root, paths, epochs)
    (entity,) = runs()
    assert entity.info.run_id == run_id
    assert_is_complete(entity, paths)
    assert "warning" not in entity.data.tags


@pytest.mark.parametrize(
    ("metrics", "texts"),
    [
        ({"posterior_collapsed": 1}, ["the posterior has collapsed: "]),
        ({"too_few_steps": 1, "posterior_collapsed": 0}, ["too few training steps: "]),
        (
            {"too_few_steps": 1, "posterior_collapsed": 1},
            ["too few training steps: ", "the posterior has collapsed: "],
        ),
    ],
)
def test_warnings_about_the_training_are_a_tag_of_the_run(
    root: Path, paths: ModelPaths, metrics: dict[str, int], texts: list[str]
) -> None:
    paths.training_metrics.write_text(json.dumps({**METRICS, **metrics}), encoding="utf-8")
    train(root, paths)
    (entity,) = runs()
    warnings = entity.data.tags["warning"].split("; ")
    assert len(warnings) == len(texts)
    assert all(map(str.startswith, warnings, texts))


def test_a_later_stage_finds_the_run_by_the_models_content(
    root: Path, paths: ModelPaths, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    run_id = train(root, paths)
    # The same content in another folder, as if DVC had restored it from its cache.
    same = ModelPaths(paths.name, tmp_path / "from the cache")
    shutil.copytree(paths.model, same.model)
    with model_run(root, same, FAIL, "embed"):
        write_embeddings(same, **{"embedding/std": 0.9})
    (entity,) = runs()
    assert entity.info.run_id == run_id
    assert entity.info.status == "FINISHED"
    assert entity.data.metrics == {**LOGGED, "embedding.std": 0.9}
    assert RECREATED_TAG not in entity.data.tags
    assert warnings_in(caplog) == []


def test_a_later_stage_logs_to_the_newest_run_of_its_model(
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
    logged = [entity for entity in runs() if "embedding.std" in entity.data.metrics]
    assert [entity.info.run_id for entity in logged] == [newest]
    assert find_runs(EXPERIMENT, MODEL_TAG, "no digest") == []
    assert find_runs("vae_fashion", MODEL_TAG, model_digest(paths.model)) == []


def test_a_missing_run_is_recreated_from_the_outs(
    root: Path, paths: ModelPaths, caplog: pytest.LogCaptureFixture
) -> None:
    entity = log_stage(root, paths, "embed")
    assert_is_complete(entity, paths)
    assert entity.info.run_name == "sample, 2-D, 2 epochs"
    assert entity.data.params == logged_params(PROVENANCE)
    tags = entity.data.tags
    assert tags["data.digest"] == PROVENANCE["data"]["digest"]
    assert tags["package.keras"] == "3.15"
    (dataset,) = entity.inputs.dataset_inputs
    assert dataset.dataset.name == "fashion"
    # The run is marked, and has no tags for the machine and the commit, which are unknown.
    assert RECREATED_TAG in tags
    assert not [name for name in tags if name.startswith(("machine.", "git."))]
    assert "mlflow.source.git.commit" not in tags
    (warning,) = warnings_in(caplog)
    assert str(paths.model) in warning
    # The next stage finds the run.
    write_embeddings(paths, **{"embedding/std": 0.9})
    assert log_stage(root, paths, "figures").info.run_id == entity.info.run_id
    assert len(warnings_in(caplog)) == 1


# MLflow logs the commit of the folder that contains the running program.
RECREATE = """
import sys
from pathlib import Path
from tiny_store import FAIL
from latent.io.paths import ModelPaths
from latent.tracking.model_run import model_run
with model_run(Path(sys.argv[1]), ModelPaths("ae_fashion", Path(sys.argv[2])), FAIL, "embed"):
    pass
"""


def test_a_recreated_run_has_no_commit(root: Path, paths: ModelPaths, tmp_path: Path) -> None:
    program = tmp_path / "repository" / "recreate.py"
    program.parent.mkdir()
    program.write_text(RECREATE, encoding="utf-8")
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


def test_a_deleted_run_is_recreated(root: Path, paths: ModelPaths) -> None:
    deleted = train(root, paths)
    mlflow.delete_run(deleted)
    assert log_stage(root, paths, "embed").info.run_id != deleted


def test_runs_recreated_at_the_same_time_belong_to_their_own_experiments(
    root: Path, paths: ModelPaths, networks: Path, tmp_path: Path
) -> None:
    other = write_training(tmp_path / "other", networks, "vae_fashion")
    with ExitStack() as stack:
        for each in (paths, other):
            stack.enter_context(model_run(root, each, FAIL, "report"))
        paths.report.write_text("<p>a report</p>", encoding="utf-8")
    for name in (paths.name, other.name):
        (entity,) = runs(name)
        assert entity.info.status == "FINISHED"
        for part in ("encoder", "decoder"):
            version = mlflow.MlflowClient().get_model_version_by_alias(f"{name}_{part}", ALIAS)
            assert version.run_id == entity.info.run_id


def test_a_stage_logs_outs_of_earlier_stages_that_the_run_lacks(
    root: Path, paths: ModelPaths
) -> None:
    train(root, paths)
    # As if DVC had restored these outs from its cache, without running their stages.
    write_embeddings(paths, **{"embedding/std": 0.9})
    write_attribute_vectors(paths, **{"mean_auc": 0.8, "auc/mean": 0.9, "auc/Smiling": 0.7})
    write_figure(paths)
    paths.report.write_text("<p>later</p>", encoding="utf-8")
    entity = log_stage(root, paths, "embed")
    assert "embedding.std" in entity.data.metrics
    assert "mean_auc" not in entity.data.metrics
    entity = log_stage(root, paths, "figures")
    # The AUCs of single attributes are only in the table.
    assert entity.data.metrics == {**LOGGED, "embedding.std": 0.9, "mean_auc": 0.8}
    assert artifacts(entity, "attributes") == [
        "attribute_vectors.csv",
        "attribute_vectors.parquet",
    ]
    assert artifacts(entity, "figures") == ["3-08_generated.png"]
    assert artifacts(entity, "previews") == ["3-08_generated.png"]
    assert "3-08_generated.png" in entity.data.tags["mlflow.note.content"]
    assert artifacts(entity, "report") == []
    entity = log_stage(root, paths, "report")
    assert artifacts(entity, "report") == ["index.html"]


def test_evaluations_are_logged_as_metrics_and_files(root: Path, paths: ModelPaths) -> None:
    train(root, paths)
    write_embeddings(paths, **{"embedding/std": 0.9})
    write_evaluation(paths, **{"evaluate/elbo_nats": -264.0})
    write_edits(paths, **{"evaluate/edits/recognized": 20.0})
    entity = log_stage(root, paths, "evaluate")
    expected = {**LOGGED, "embedding.std": 0.9, "evaluate.elbo_nats": -264.0}
    assert entity.data.metrics == expected
    assert artifacts(entity, "evaluation") == ["dimensions.csv"]
    entity = log_stage(root, paths, "evaluate_edits")
    assert entity.data.metrics == {**expected, "evaluate.edits.recognized": 20.0}
    assert artifacts(entity, "evaluation") == ["dimensions.csv", "edits.csv", "flips.png"]


def test_outs_that_may_belong_to_an_earlier_model_are_not_logged(
    root: Path, paths: ModelPaths
) -> None:
    train(root, paths)
    write_evaluation(paths, **{"evaluate/elbo_nats": -264.0})
    write_edits(paths, **{"evaluate/edits/recognized": 20.0})
    write_figure(paths)
    # Neither of these stages depends on the other, so the other's outs may be outdated.
    assert "evaluate.elbo_nats" not in log_stage(root, paths, "figures").data.metrics
    assert "evaluate.edits.recognized" not in log_stage(root, paths, "evaluate").data.metrics
    logged = log_stage(root, paths, "report").data.metrics
    assert {"evaluate.elbo_nats", "evaluate.edits.recognized"} <= set(logged)


def test_unchanged_outs_are_not_logged_twice(
    root: Path, paths: ModelPaths, client: pytest.MonkeyPatch
) -> None:
    train(root, paths)
    write_embeddings(paths, **{"embedding/std": 0.9})
    write_figure(paths)
    log_stage(root, paths, "figures")
    calls: list[str] = []
    with client.context() as patch:
        for call in ("log_batch", "log_artifact", "log_artifacts", "log_image", "set_tag"):
            patch.setattr(
                mlflow.MlflowClient, call, lambda *args, call=call, **options: calls.append(call)
            )
        entity = log_stage(root, paths, "figures")
    assert calls == []
    assert series(entity, "embedding.std") == [(0, 0.9)]


def test_changed_outs_are_logged_again(root: Path, paths: ModelPaths) -> None:
    train(root, paths)
    write_embeddings(paths, **{"embedding/std": 0.9})
    write_figure(paths)
    log_stage(root, paths, "figures")
    time.sleep(0.002)  # MLflow's timestamps of metrics are in milliseconds
    write_embeddings(paths, **{"embedding/std": 0.8})
    write_figure(paths, colour="blue")
    write_figure(paths, "3-09_grid.png")
    entity = log_stage(root, paths, "figures")
    assert series(entity, "embedding.std") == [(0, 0.9), (0, 0.8)]
    assert entity.data.metrics["embedding.std"] == 0.8
    assert artifacts(entity, "figures") == ["3-08_generated.png", "3-09_grid.png"]
    figure = mlflow.artifacts.load_image(f"runs:/{entity.info.run_id}/figures/3-08_generated.png")
    assert tuple(np.asarray(figure.convert("RGB"))[0, 0]) == (0, 0, 255)


def test_a_stage_that_fails_logs_nothing(root: Path, paths: ModelPaths) -> None:
    train(root, paths)
    with pytest.raises(ZeroDivisionError), model_run(root, paths, FAIL, "embed"):
        write_embeddings(paths, **{"embedding/std": 0.9})
        raise ZeroDivisionError
    (entity,) = runs()
    assert entity.data.metrics == LOGGED
    assert entity.info.status == "FINISHED"


def test_a_stage_keeps_its_result_if_outs_cannot_be_read(
    root: Path, paths: ModelPaths, caplog: pytest.LogCaptureFixture
) -> None:
    paths.provenance.write_text("{", encoding="utf-8")
    done = []
    with model_run(root, paths, FAIL, "embed"):
        done.append("result")
    assert done == ["result"]
    assert any(str(paths.provenance) in warning for warning in warnings_in(caplog))


def test_an_unfinished_recreation_leaves_no_run_that_seems_to_be_running(
    root: Path, paths: ModelPaths
) -> None:
    paths.training_metrics.unlink()  # read after the epochs were logged
    with model_run(root, paths, FAIL, "embed"):
        pass
    (entity,) = runs()
    assert entity.info.status == "FAILED"
