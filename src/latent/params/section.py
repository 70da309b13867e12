"""What all sections of params.yaml are made of."""

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from latent.errors import InputError

Count = Annotated[int, Field(ge=1)]
Name = Annotated[str, Field(min_length=1)]
Seed = Annotated[int, Field(ge=0, lt=2**32)]
# The noise of an epoch is counted in 12 of 32 bits, of which the last number is held-out images'.
Epochs = Annotated[int, Field(ge=1, le=4095)]
Rate = Annotated[float, Field(gt=0, allow_inf_nan=False)]


class Section(BaseModel):
    """A mapping of params.yaml: no unknown keys, no conversion of types, no change once read."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)

    def __getitem__(self, name: str) -> Any:
        """Return the value under `name`; raise InputError where there is none."""
        if name not in type(self).model_fields:
            allowed = ", ".join(type(self).model_fields)
            raise InputError(f"{type(self).__name__} has nothing named {name!r}: {allowed}")
        return getattr(self, name)
