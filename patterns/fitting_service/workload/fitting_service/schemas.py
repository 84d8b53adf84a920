"""The JSON documents that the service answers with."""

from pydantic import BaseModel, ConfigDict, Field

_FIVE = "for -2, -1, 0, +1 and +2 standard deviations"


class UpperLimit(BaseModel):
    """Upper limits on the parameter of interest at 95% confidence level."""

    model_config = ConfigDict(frozen=True)

    observed: float | None = Field(description="From the data; null where there is no limit.")
    expected: list[float | None] = Field(
        description=f"Without signal, {_FIVE}.", min_length=5, max_length=5
    )


class FitResult(BaseModel):
    """The result of one fit."""

    model_config = ConfigDict(frozen=True)

    id: str = Field(description="SHA-256 of the question; the result's name.")
    measurement: str = Field(description="The measurement of the workspace that was used.")
    poi: str = Field(description="The parameter of interest: the signal's strength.")
    mu: float = Field(description="The signal strength that was tested.")
    cls_obs: float = Field(description="Observed CLs; below 0.05, mu is excluded at 95%.")
    cls_exp: list[float] = Field(
        description=f"Expected CLs without signal, {_FIVE}.", min_length=5, max_length=5
    )
    upper_limit: UpperLimit
    notes: list[str] = Field(description="What a reader should know, e.g. why there is no limit.")
    duration_s: float = Field(description="Seconds that the fit took when it was computed.")
    pyhf_version: str
    cached: bool = Field(True, description="Answered from object storage, without a fit.")
    stored: bool = Field(True, description="Kept in object storage. False while it is down.")


class ErrorDetail(BaseModel):
    """Why a request was refused."""

    code: str = Field(description="A word for programs, e.g. invalid_workspace.")
    message: str = Field(description="One sentence for people, with the remedy.")
    path: str | None = Field(None, description="The place in the workspace, where there is one.")


class ErrorBody(BaseModel):
    """Every answer that is not a result."""

    error: ErrorDetail
