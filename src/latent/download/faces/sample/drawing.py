"""Draws the image of a person and locates the face in it."""

import numpy as np
from PIL import Image, ImageFilter

from latent.download.faces.sample.attributes import Attributes
from latent.download.faces.sample.beard import draw_beard, draw_mustache
from latent.download.faces.sample.canvas import Canvas
from latent.download.faces.sample.features import EYE_X, NOSE_TIP, draw_brows, draw_eyes, draw_nose
from latent.download.faces.sample.hair import draw_hair_before, draw_hair_behind
from latent.download.faces.sample.head import EYE_Y, draw_head, draw_neck, face_outline
from latent.download.faces.sample.mouth import draw_mouth, mouth_corner
from latent.download.faces.sample.person import Person, make_person
from latent.download.faces.sample.wear import draw_clothes, draw_earrings, draw_eyeglasses, draw_hat

BACK_TO_FRONT = (
    draw_hair_behind,
    draw_neck,
    draw_clothes,
    draw_head,
    draw_beard,
    draw_nose,
    draw_mouth,
    draw_mustache,
    draw_eyes,
    draw_brows,
    draw_hair_before,
    draw_earrings,
    draw_hat,
    draw_eyeglasses,
)

BLUR = 2.6  # standard deviation of the blur of a blurry image, in pixels


def draw_face(attributes: Attributes, generator: np.random.Generator) -> Image.Image:
    """Draw a person with the given attributes and return an RGB image of 178x218 pixels.

    The face is aligned as in CelebA. The eyes are at about (69, 112) and (109, 112), the mouth at
    about y = 152. The mouth is larger than in a real face, to be visible at 32x32 pixels.

    Args:
        attributes: The attributes of the person.
        generator: Source of all other properties. See `make_person`.
    """
    return draw_person(make_person(attributes, generator))


def draw_person(person: Person) -> Image.Image:
    """Draw a person and return an RGB image of 178x218 pixels."""
    canvas = Canvas(person.pose, person.backdrop)
    for draw in BACK_TO_FRONT:
        draw(canvas, person)
    image = canvas.finish()
    return image.filter(ImageFilter.GaussianBlur(BLUR)) if person.has["Blurry"] else image


def landmarks(person: Person) -> tuple[int, ...]:
    """Return the landmarks of the face, in pixels.

    The order is x and y of the left eye, the right eye, the nose, the left and the right corner of
    the mouth. As in CelebA, left and right refer to the image.
    """
    x, y = mouth_corner(person)
    points = np.array([(-EYE_X, EYE_Y), (EYE_X, EYE_Y), NOSE_TIP, (-x, y), (x, y)])
    return tuple(np.rint(person.pose.apply(points)).astype(int).ravel().tolist())


def bounding_box(person: Person) -> tuple[int, int, int, int]:
    """Return the left edge, top edge, width and height of the face, in pixels."""
    outline = person.pose.apply(face_outline(person))
    left, top = np.floor(outline.min(axis=0)).astype(int).tolist()
    right, bottom = np.ceil(outline.max(axis=0)).astype(int).tolist()
    return left, top, right - left, bottom - top
