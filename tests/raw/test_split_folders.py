"""Folders that are named after splits."""

import logging

import pytest

from latent.errors import InputError
from latent.raw.split_folders import find_split_folders


def find(*folders: str) -> tuple[int, dict[str, str]] | None:
    paths = [(*folder.split("/"), f"{number}.png") for folder in folders for number in range(2)]
    found = find_split_folders(paths, "images")
    return found and (found.level, dict(found.splits))


@pytest.mark.parametrize(
    ("train", "test"),
    [
        ("train", "test"),
        ("Training", "TESTING"),
        ("trainset", "testset"),
        ("train_set", "test_set"),
        ("training data", "test-data"),
        ("train_images", "eval_images"),
        ("seg_train", "seg_test"),
        ("my set-train", "my set-test"),
        ("train ", " test"),
    ],
)
def test_names(train: str, test: str) -> None:
    assert find(train, test) == (0, {train: "train", test: "test"})


@pytest.mark.parametrize("name", ["val", "VALID", "validation", "valset", "val_data", "dev"])
def test_validation(name: str, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    assert find("train", name) == (0, {"train": "train", name: "test"})
    assert find("train", "test", name) == (
        0,
        {"train": "train", "test": "test", name: "validation"},
    )
    assert caplog.messages == [
        f"images: the images in {name}/ are the test set",
        f"images: the validation images in {name}/ are left out",
    ]


@pytest.mark.parametrize(
    ("folders", "level"),
    [
        (["a/train", "a/test"], 1),
        (["a/train/x", "b/test/x", "b/train"], 1),
        (["a/b/c/test", "a/b/c/train"], 3),
    ],
)
def test_folders_at_any_level(folders: list[str], level: int) -> None:
    assert find(*folders) == (level, {"train": "train", "test": "test"})


@pytest.mark.parametrize(
    "folders",
    [
        ["cup", "hat"],
        ["train"],
        ["train", "plane", "car"],
        ["train", "cup/test"],
        ["bullet train", "blood test"],
        ["trainers", "tester", "valley", "devil", "contrast"],
        ["cup/train", "hat/1"],
    ],
)
def test_other_folders(folders: list[str]) -> None:
    assert find(*folders) is None


@pytest.mark.parametrize(
    ("folders", "problem"),
    [
        (["train", "test", "cup"], "contains cup/ next to train/ and test/"),
        (["a/train", "a/test", "b"], "contains b/0.png next to train/ and test/"),
        (["a/train", "a/test", "b/c"], "contains b/c/ next to train/ and test/"),
        (["val", "test"], "contains val/ and test/; required are one folder of training images"),
        (["train", "Training", "test"], "contains Training/ and train/ and test/; required are"),
        (["train", "val", "dev"], "contains train/ and dev/ and val/; required are"),
    ],
)
def test_ambiguous_folders_are_rejected(folders: list[str], problem: str) -> None:
    with pytest.raises(InputError) as caught:
        find(*folders)
    assert str(caught.value).startswith(f"images: {problem}")


def test_image_outside_the_folders_is_rejected() -> None:
    with pytest.raises(InputError, match=r"contains 1\.png next to train/ and test/"):
        find_split_folders([("1.png",), ("train", "2.png"), ("test", "3.png")], "images")
