"""The synthetic sample of faces: attributes, visible features, and the archive."""

import csv
import hashlib
import io
import zipfile
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
from PIL import Image

from latent.download.faces.sample import archive as sample
from latent.download.faces.sample.archive import CHUNK, IMAGES, make_face, write_sample
from latent.download.faces.sample.attributes import ATTRIBUTES
from latent.download.faces.sample.drawing import bounding_box, draw_face, draw_person, landmarks
from latent.download.faces.sample.person import make_person
from latent.download.faces.sample.sample_attributes import BEARDS, HAIR_COLOURS, sample_attributes

PEOPLE = [sample_attributes(np.random.default_rng([11, i])) for i in range(4000)]

# Attributes with a feature of their own in the image. No_Beard follows from the other beards, and
# Attractive is a matter of opinion.
VISIBLE = [name for name in ATTRIBUTES if name not in ("No_Beard", "Attractive")]

# Regions of the image that show an attribute: left, top, right and bottom in pixels.
FOREHEAD = (50, 62, 128, 92)
CROWN = (45, 28, 133, 60)
LOCKS = (20, 30, 158, 100)
EYES = (48, 96, 130, 130)
MOUTH = (58, 140, 120, 172)
LIP = (62, 138, 116, 153)
FACE = (50, 70, 128, 180)
REGIONS = {
    "Smiling": MOUTH,
    "Black_Hair": LOCKS,
    "Blond_Hair": LOCKS,
    "Brown_Hair": LOCKS,
    "Gray_Hair": LOCKS,
    "Bald": CROWN,
    "Bangs": FOREHEAD,
    "Eyeglasses": EYES,
    "Young": FACE,
    "Male": (10, 100, 168, 190),
    "Wearing_Hat": (30, 5, 148, 75),
    "Mustache": LIP,
    "Pale_Skin": FACE,
    "Mouth_Slightly_Open": MOUTH,
}


def person_with(*names: str) -> dict[str, bool]:
    return {name: name in names for name in ATTRIBUTES}


def pair(name: str) -> tuple[dict[str, bool], dict[str, bool]]:
    """Return the attributes of one person without and with the attribute `name`."""
    base = ["Young"]
    if name not in (*HAIR_COLOURS, "Bald"):
        base.append("Brown_Hair")
    if name in (*BEARDS, "Bald", "Receding_Hairline"):
        base.append("Male")
    without = person_with(*[other for other in base if other != name])
    return without, {**without, name: True}


def difference(name: str, seed: int) -> npt.NDArray[np.float64]:
    """Return how much an attribute changes each pixel of a face: float64 (218, 178)."""
    off, on = (draw_face(has, np.random.default_rng(seed)) for has in pair(name))
    # Resize to 32x32 pixels and back to measure only differences that are visible at this size.
    small = [
        np.asarray(image.resize((32, 32), Image.Resampling.BILINEAR).resize((178, 218)), float)
        for image in (off, on)
    ]
    change: npt.NDArray[np.float64] = np.abs(small[1] - small[0]).mean(axis=2)
    return change


def read_table(archive: zipfile.ZipFile, name: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(archive.read(name).decode("ascii"))))


def test_attributes_are_those_of_celeba() -> None:
    assert len(ATTRIBUTES) == len(set(ATTRIBUTES)) == 40
    assert list(ATTRIBUTES) == sorted(ATTRIBUTES)
    assert (ATTRIBUTES[0], ATTRIBUTES[20], ATTRIBUTES[39]) == ("5_o_Clock_Shadow", "Male", "Young")


def test_sampled_attributes_have_all_names_in_order() -> None:
    assert all(tuple(has) == ATTRIBUTES for has in PEOPLE)
    assert all(type(value) is bool for has in PEOPLE for value in has.values())


def test_sampled_attributes_agree_with_each_other() -> None:
    for has in PEOPLE:
        assert sum(has[colour] for colour in HAIR_COLOURS) <= 1
        assert not (has["Straight_Hair"] and has["Wavy_Hair"])
        assert not (has["Big_Nose"] and has["Pointy_Nose"])
        assert has["No_Beard"] != any(has[beard] for beard in BEARDS)
        if has["Bald"]:
            hair = (*HAIR_COLOURS, "Bangs", "Straight_Hair", "Wavy_Hair", "Receding_Hairline")
            assert not any(has[name] for name in (*hair, "Wearing_Hat"))
        if has["Wearing_Hat"] or has["Bangs"]:
            assert not has["Receding_Hairline"]
        assert not (has["Wearing_Hat"] and has["Bangs"])
        if has["Male"]:
            assert not (has["Heavy_Makeup"] or has["Wearing_Lipstick"])
        else:
            assert has["No_Beard"]
            assert not (has["Wearing_Necktie"] or has["Bald"])


@pytest.mark.parametrize("name", ATTRIBUTES)
def test_attributes_are_frequent_enough_to_learn(name: str) -> None:
    frequent = {"Smiling", "Eyeglasses", "Young", "Male", "Pale_Skin", "Wearing_Hat"}
    frequent |= {"Mouth_Slightly_Open", *HAIR_COLOURS}
    frequency = np.mean([has[name] for has in PEOPLE])
    low, high = (0.15, 0.50) if name in frequent else (0.05, 0.80)
    assert low <= frequency <= high


@pytest.mark.parametrize("first", ["Smiling", "Eyeglasses", "Pale_Skin", "Wearing_Hat", "Male"])
def test_attributes_vary_independently(first: str) -> None:
    unrelated = {"Smiling", "Eyeglasses", "Pale_Skin", "Wearing_Hat", "Male", "Black_Hair"}
    for second in unrelated - {first}:
        both = np.corrcoef([[has[first], has[second]] for has in PEOPLE], rowvar=False)
        # Bald people have no hat and no hair colour, so a small correlation is expected.
        assert abs(both[0, 1]) < 0.15


def test_face_has_celebas_size() -> None:
    image = draw_face(PEOPLE[0], np.random.default_rng(0))
    assert (image.mode, image.size) == ("RGB", (178, 218))


def test_face_depends_only_on_its_generator() -> None:
    first, second, other = (
        draw_face(PEOPLE[1], np.random.default_rng(seed)).tobytes() for seed in (5, 5, 6)
    )
    assert first == second
    assert first != other


def test_eyes_and_mouth_are_at_the_positions_of_celeba() -> None:
    points = []
    for i in range(200):
        generator = np.random.default_rng([3, i])
        points.append(landmarks(make_person(sample_attributes(generator), generator)))
    eyes, mouth = np.array(points)[:, :4], np.array(points)[:, 6:]
    assert np.abs(eyes.mean(axis=0) - [69, 112, 109, 112]).max() < 1
    # Nearly constant, so that a small model does not have to learn the alignment.
    assert eyes.std(axis=0).max() < 1.5

    left_x, left_y, right_x, right_y = mouth.mean(axis=0)
    assert abs((left_x + right_x) / 2 - 89) < 1
    assert abs((left_y + right_y) / 2 - 152) < 5
    # Wider than in CelebA, where the distance is 44, so that a smile is visible at 32x32 pixels.
    assert 44 < right_x - left_x < 70


def test_landmarks_match_the_image() -> None:
    person = make_person(person_with("Young", "Blond_Hair"), np.random.default_rng(8))
    left_x, left_y, right_x, right_y = landmarks(person)[:4]
    image = np.asarray(draw_person(person).convert("L")).astype(int)
    for x, y in ((left_x, left_y), (right_x, right_y)):
        pupil = image[y - 1 : y + 2, x - 1 : x + 2].mean()
        assert pupil < 40 < image[y, x - 10 : x + 11].max()
    left, top, width, height = bounding_box(person)
    assert left < left_x < right_x < left + width
    assert top < left_y < top + height <= 218


@pytest.mark.parametrize("name", REGIONS)
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_attributes_are_visible_in_their_regions(name: str, seed: int) -> None:
    change = difference(name, seed)
    left, top, right, bottom = REGIONS[name]
    inside = change[top:bottom, left:right].mean()
    assert inside > 10
    # Age changes the hair and the clothes as much as the face.
    assert inside > (0.8 if name == "Young" else 1.2) * change.mean()


@pytest.mark.parametrize("name", VISIBLE)
def test_every_attribute_changes_the_image(name: str) -> None:
    assert difference(name, seed=4).max() > 12


def test_archive_has_the_layout_of_celeba(tmp_path: Path) -> None:
    write_sample(tmp_path / "faces.zip", 20, seed=42)
    with zipfile.ZipFile(tmp_path / "faces.zip") as archive:
        images = [f"{i:06d}.jpg" for i in range(1, 21)]
        assert archive.namelist()[:20] == [f"{IMAGES}/{name}" for name in images]
        assert {info.compress_type for info in archive.infolist()} == {zipfile.ZIP_STORED}
        with Image.open(archive.open(f"{IMAGES}/000020.jpg")) as image:
            assert (image.format, image.mode, image.size) == ("JPEG", "RGB", (178, 218))

        attributes = read_table(archive, "list_attr_celeba.csv")
        partition = read_table(archive, "list_eval_partition.csv")
        boxes = read_table(archive, "list_bbox_celeba.csv")
        points = read_table(archive, "list_landmarks_align_celeba.csv")
    for table in (attributes, partition, boxes, points):
        assert [row[0] for row in table] == ["image_id", *images]
    assert attributes[0][1:] == list(ATTRIBUTES)
    for i, row in enumerate(attributes[1:]):
        has = sample_attributes(np.random.default_rng([42, i]))
        assert row[1:] == ["1" if has[name] else "-1" for name in ATTRIBUTES]
    assert [row[1] for row in partition[1:]] == ["0"] * 16 + ["1"] * 2 + ["2"] * 2
    assert boxes[0][1:] == ["x_1", "y_1", "width", "height"]
    assert points[0][1:4] == ["lefteye_x", "lefteye_y", "righteye_x"]
    assert {len(row) for row in boxes} == {5}
    assert {len(row) for row in points} == {11}


def test_archive_tables_match_golden_checksum(tmp_path: Path) -> None:
    write_sample(tmp_path / "faces.zip", 10, seed=42)
    digest = hashlib.sha256()
    with zipfile.ZipFile(tmp_path / "faces.zip") as archive:
        for name in archive.namelist()[10:]:
            digest.update(archive.read(name))
    assert digest.hexdigest() == "42414dbe34c9670d8ce5c6f1b58a461de78cbb772b80d8469296cf2b34d7e4cf"


def test_archive_does_not_depend_on_number_of_workers(tmp_path: Path) -> None:
    count = 2 * CHUNK + 3
    archives = []
    for workers in (1, 2, 3):
        write_sample(tmp_path / f"{workers}.zip", count, seed=1, workers=workers)
        archives.append((tmp_path / f"{workers}.zip").read_bytes())
    assert archives[0] == archives[1] == archives[2]


def test_larger_sample_begins_with_smaller_one(tmp_path: Path) -> None:
    write_sample(tmp_path / "small.zip", 3, seed=1)
    write_sample(tmp_path / "large.zip", 6, seed=1)
    with (
        zipfile.ZipFile(tmp_path / "small.zip") as small,
        zipfile.ZipFile(tmp_path / "large.zip") as large,
    ):
        for name in small.namelist()[:3]:
            assert small.read(name) == large.read(name)
        rows = read_table(small, "list_attr_celeba.csv")
        assert rows == read_table(large, "list_attr_celeba.csv")[:4]


def test_faces_depend_on_number_and_seed() -> None:
    assert len({make_face(0, 0).jpeg, make_face(0, 1).jpeg, make_face(1, 0).jpeg}) == 3


def test_failure_leaves_no_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(seed: int, index: int) -> sample.Face:
        if index == 2:
            raise RuntimeError("failure")
        return make_face(seed, index)

    monkeypatch.setattr(sample, "make_face", fail)
    with pytest.raises(RuntimeError, match="failure"):
        write_sample(tmp_path / "faces.zip", 5, seed=0)
    assert list(tmp_path.iterdir()) == []
