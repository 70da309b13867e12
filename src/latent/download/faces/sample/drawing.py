"""Draws a face, from the background to the glasses."""

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

BLUR = 2.6  # standard deviation in pixels of a blurry image


def draw_face(attributes: Attributes, generator: np.random.Generator) -> Image.Image:
    """Return the picture of a person with these attributes: RGB, 178x218.

    The face is aligned as in CelebA: the eyes at about (69, 112) and (109, 112), the mouth at
    about y = 152, though larger than life, so that it shows at 32x32 pixels. What the attributes
    leave open is drawn from `generator`, the same way whatever the attributes are.
    """
    return draw_person(make_person(attributes, generator))


def draw_person(person: Person) -> Image.Image:
    """Return the picture of a person: RGB, 178x218."""
    canvas = Canvas(person.pose, person.backdrop)
    for draw in BACK_TO_FRONT:
        draw(canvas, person)
    image = canvas.finish()
    return image.filter(ImageFilter.GaussianBlur(BLUR)) if person.has["Blurry"] else image


def landmarks(person: Person) -> tuple[int, ...]:
    """Return x and y, in pixels, of the left eye, right eye, nose and left and right mouth corner.

    Left and right are those of the image, as in CelebA.
    """
    x, y = mouth_corner(person)
    points = np.array([(-EYE_X, EYE_Y), (EYE_X, EYE_Y), NOSE_TIP, (-x, y), (x, y)])
    return tuple(np.rint(person.pose.apply(points)).astype(int).ravel().tolist())


def bounding_box(person: Person) -> tuple[int, int, int, int]:
    """Return the face's left and top edge, width and height, in pixels."""
    outline = person.pose.apply(face_outline(person))
    left, top = np.floor(outline.min(axis=0)).astype(int).tolist()
    right, bottom = np.ceil(outline.max(axis=0)).astype(int).tolist()
    return left, top, right - left, bottom - top
