"""Base class and common types of the sections of params.yaml."""

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from latent.errors import InputError

Count = Annotated[int, Field(ge=1)]
Name = Annotated[str, Field(min_length=1)]
Seed = Annotated[int, Field(ge=0, lt=2**32)]
# The noise generator has 12 bits for the epoch, which counts from 0. The largest number, 4095, is
# reserved for the noise of test images (`latent.training.loop.TEST_EPOCH`).
Epochs = Annotated[int, Field(ge=1, le=4095)]
Rate = Annotated[float, Field(gt=0, allow_inf_nan=False)]


class Section(BaseModel):
    """A section of params.yaml: unknown keys, type conversions and later changes are errors."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)

    def __getitem__(self, name: str) -> Any:
        """Return the value of key `name`.

        Raises:
            InputError: the section has no such key.
        """
        if name not in type(self).model_fields:
            allowed = ", ".join(type(self).model_fields)
            raise InputError(f"{type(self).__name__} has no key {name!r}: must be one of {allowed}")
        return getattr(self, name)
