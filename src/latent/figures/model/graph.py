"""Layers and connections of a Keras model, as boxes of a diagram."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import keras

# Layers that share the box of the layer before them.
FOLLOWERS = ("BatchNormalization", "ReLU", "LeakyReLU")
# Activations that the diagram omits. "bounded" limits z_log_var to a range that it does not leave
# in practice.
UNNAMED_ACTIVATIONS = ("linear", "bounded")


@dataclass(frozen=True)
class Line:
    """A line of text in a box: one layer.

    Attributes:
        layer: type of the layer, and its activation if it has one.
        shape: shape of its output, without the batch dimension.
        parameters: number of its parameters.
    """

    layer: str
    shape: str
    parameters: int


@dataclass
class Box:
    """A layer and the following layers that only normalise or activate its output.

    Attributes:
        lines: the layers, in order.
        name: name of the layer if it is an input or output of the model, else "".
        parents: indices of the boxes that are inputs of this box.
        rank: length of the longest path from an input to this box.
    """

    lines: list[Line]
    name: str
    parents: list[int]
    rank: int


def read_boxes(model: keras.Model) -> list[Box]:
    """Return the boxes of a functional model, each after its parents."""
    boxes: list[Box] = []
    owner: dict[int, int] = {}  # index of the box of each tensor, by the id of the tensor
    ends = {id(tensor) for tensor in (*model.inputs, *model.outputs)}
    for layer in model.layers:
        kind = type(layer).__name__
        is_input = kind == "InputLayer"
        parents = [] if is_input else [owner[id(tensor)] for tensor in _as_list(layer.input)]
        line = Line(
            "Input" if is_input else kind + _activation(layer),
            "×".join(str(side) for side in layer.output.shape[1:]),
            layer.count_params(),
        )
        name = layer.name if id(layer.output) in ends else ""
        if kind in FOLLOWERS and boxes[parents[0]].parents:
            box = boxes[parents[0]]
            box.lines.append(line)
            box.name = name
            owner[id(layer.output)] = parents[0]
        else:
            rank = max((boxes[parent].rank + 1 for parent in parents), default=0)
            owner[id(layer.output)] = len(boxes)
            boxes.append(Box([line], name, parents, rank))
    return boxes


def _as_list(tensors: Any) -> list[Any]:
    return tensors if isinstance(tensors, list) else [tensors]


def _activation(layer: keras.Layer) -> str:
    name = getattr(getattr(layer, "activation", None), "__name__", "linear")
    return "" if name in UNNAMED_ACTIVATIONS else f", {name}"
