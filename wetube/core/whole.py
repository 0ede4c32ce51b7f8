"""Whole numbers as JSON Schema means them: 340 and 340.0, but neither true nor "340"."""

from pydantic import BeforeValidator


def _number(said: object) -> object:
    if isinstance(said, bool | str):
        raise ValueError("Input should be a whole number.")  # noqa: TRY004 - pydantic's own word
    return said


WHOLE = BeforeValidator(_number)
"""Behind the bounds: `Annotated[int, Field(ge=0), WHOLE]`; before them it would hide them."""
