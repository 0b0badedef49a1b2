"""Parameters of lists that their owners page: what the API description says of them."""

from pydantic import BaseModel, Field


class PageParameters(BaseModel):
    """`?limit=50&cursor=…`."""

    limit: int = Field(50, ge=1, le=200)
    cursor: str = Field("", max_length=200, description="`next_cursor` of the page before")


class CountedPageParameters(PageParameters):
    """The same for lists that can be counted."""

    count: bool = Field(False, description="whether to say how many there are in all")
