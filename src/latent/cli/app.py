"""The commands of `latent`, with their arguments and help texts."""

from pathlib import Path
from typing import Annotated, Any

import typer

from latent.cli.output import check_output
from latent.cli.values import UsageError, parse_changes, parse_range

app = typer.Typer(
    help="Use the trained models: new images, reconstructions, edits, morphs and embeddings.",
    epilog="Errors are one line. Exit codes: 0, 1 for an input that cannot be used, 2 for a wrong "
    "command line, 130 after Ctrl-C.",
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)

LARGEST_SHEET = 1000  # images
LONGEST_STRIP = 100  # images

ModelName = Annotated[
    str,
    typer.Argument(
        metavar="MODEL",
        help="A model in models/, such as vae_faces; a folder; or an MLflow address, such as "
        "models:/vae_faces_decoder@newest or runs:/RUN_ID.",
    ),
]
ImagePath = Annotated[
    Path,
    typer.Argument(metavar="IMAGE", help="A JPEG, PNG, WebP or BMP file of any size."),
]


def _output(help_text: str, *endings: str) -> Any:
    """Return the option -o. What it names is checked before the command starts."""
    return typer.Option(
        "--output",
        "-o",
        metavar="FILE",
        help=f"{help_text}, or - for standard output.",
        callback=lambda path: check_output(path, endings),
    )


Output = Annotated[Path, _output("The PNG file to write", ".png")]
Seed = Annotated[int, typer.Option(min=0, help="Seed of the random points.")]


def _print_version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version  # noqa: PLC0415

        typer.echo(f"latent {version('latent')}")
        raise typer.Exit


@app.callback()
def options(
    *,
    version: Annotated[
        bool,
        typer.Option(
            "--version", help="Print the version.", callback=_print_version, is_eager=True
        ),
    ] = False,
) -> None:
    """Take the options that belong to no command."""


@app.command()
def generate(
    model: ModelName,
    count: Annotated[int, typer.Option(min=1, max=LARGEST_SHEET, help="Number of images.")] = 30,
    seed: Seed = 0,
    output: Output = Path("latent_generate.png"),
) -> None:
    """Make new images from random points of the latent space."""
    from latent.cli import pictures  # noqa: PLC0415

    pictures.generate(model, count, seed, output)


@app.command()
def reconstruct(
    model: ModelName, image: ImagePath, output: Output = Path("latent_reconstruct.png")
) -> None:
    """Encode an image and decode it again."""
    from latent.cli import pictures  # noqa: PLC0415

    pictures.reconstruct(model, image, output)


@app.command()
def edit(
    model: ModelName,
    image: ImagePath,
    changes: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="ATTRIBUTE=ALPHA",
            help="Distance to move along an attribute vector, such as Smiling=+3 or Eyeglasses=-2. "
            "`latent models MODEL` lists the attributes.",
            show_default=False,
        ),
    ] = None,
    sweep: Annotated[
        tuple[str, str] | None,
        typer.Option(
            metavar="ATTRIBUTE FIRST:LAST",
            help="Draw a strip of one attribute, such as Smiling -4:4.",
            show_default=False,
        ),
    ] = None,
    steps: Annotated[
        int | None,
        typer.Option(
            min=2, max=LONGEST_STRIP, help="Images in a sweep. Default: 9.", show_default=False
        ),
    ] = None,
    output: Output = Path("latent_edit.png"),
) -> None:
    """Change attributes of an image, such as a smile."""
    if bool(changes) == bool(sweep):
        raise UsageError("give changes, such as Smiling=+3, or --sweep Smiling -4:4")
    if steps and not sweep:
        raise UsageError("--steps is allowed with --sweep only")
    alphas = parse_changes(changes or [])
    ends = parse_range(sweep[1]) if sweep else None

    from latent.cli import pictures  # noqa: PLC0415

    if sweep and ends:
        pictures.sweep(model, image, sweep[0], ends, steps or 9, output)
    else:
        pictures.edit(model, image, alphas, output)


@app.command()
def morph(
    model: ModelName,
    image_a: Annotated[Path, typer.Argument(metavar="IMAGE_A", help="The first image.")],
    image_b: Annotated[Path, typer.Argument(metavar="IMAGE_B", help="The last image.")],
    steps: Annotated[
        int, typer.Option(min=2, max=LONGEST_STRIP, help="Decoded images, including both ends.")
    ] = 11,
    output: Annotated[
        Path, _output("The .png file of a strip or .gif file of an animation", ".png", ".gif")
    ] = Path("latent_morph.png"),
) -> None:
    """Turn one image into another in equal steps."""
    from latent.cli import pictures  # noqa: PLC0415

    pictures.morph(model, image_a, image_b, steps, output)


@app.command()
def nearest(
    model: ModelName,
    image: ImagePath,
    count: Annotated[
        int, typer.Option(min=1, max=LARGEST_SHEET, help="Number of training images.")
    ] = 10,
    output: Output = Path("latent_nearest.png"),
) -> None:
    """Find the training images that lie nearest in the latent space."""
    from latent.cli import pictures  # noqa: PLC0415

    pictures.nearest(model, image, count, output)


@app.command()
def embed(
    model: ModelName,
    folder: Annotated[
        Path,
        typer.Argument(metavar="FOLDER", help="A folder of images, with or without subfolders."),
    ],
    max_bad_fraction: Annotated[
        float,
        typer.Option(min=0, max=1, help="Maximum fraction of unreadable images, to be skipped."),
    ] = 0.01,
    output: Annotated[Path, _output("The Parquet file to write", ".parquet")] = Path(
        "latent_embed.parquet"
    ),
) -> None:
    """Write the embeddings of all images in a folder."""
    from latent.cli.embed import embed_folder  # noqa: PLC0415

    embed_folder(model, folder, max_bad_fraction, output)


@app.command()
def models(
    model: Annotated[
        str | None,
        typer.Argument(
            metavar="MODEL",
            help="A model to describe in detail, with its attributes.",
            show_default=False,
        ),
    ] = None,
) -> None:
    """List the trained models, or describe one."""
    from latent.cli.models import describe_model, list_models  # noqa: PLC0415

    typer.echo(describe_model(model) if model else list_models())


@app.command()
def explore(
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port on 127.0.0.1.")] = 8765,
    browser: Annotated[
        bool, typer.Option("--browser/--no-browser", help="Open the page in the browser.")
    ] = True,
) -> None:
    """Open a page in the browser: the latent space, edits, morphs and dimensions."""
    from latent.cli.project import find_root  # noqa: PLC0415
    from latent.explorer.serve import serve  # noqa: PLC0415

    serve(find_root(), port, open_browser=browser)
