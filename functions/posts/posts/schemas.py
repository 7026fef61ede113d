import unicodedata
from datetime import datetime
from typing import Annotated, Self
from uuid import UUID

from pydantic import AfterValidator, AwareDatetime, BaseModel, Field, StringConstraints, model_validator

from common.schemas import Strict
from posts.slugs import acceptable

LINE = r"^[^\x00-\x1f\x7f]+$"


def _tag(name: str) -> str:
    """Tags are compared without regard to case, composition and outer space: "Новости " is "новости"."""
    tag = " ".join(unicodedata.normalize("NFKC", name).casefold().split()).lstrip("#")
    if not tag or not tag.isprintable() or "," in tag or "/" in tag:
        raise ValueError("a tag is 1 to 40 printable characters without comma or slash")
    return tag


def _unique(tags: list[str]) -> list[str]:
    return list(dict.fromkeys(tags))


def _markdown(body: str) -> str:
    if "\x00" in body:
        raise ValueError("the text holds a NUL character")
    if not body.strip():
        raise ValueError("the text is empty")
    return body


def _words(query: str) -> str:
    """Equal questions are one, however many spaces they were typed with."""
    words = " ".join(query.split())
    if not words:
        raise ValueError("the query is empty")
    if not words.isprintable():
        raise ValueError("the query holds a control character")
    return words


Words = Annotated[str, StringConstraints(min_length=1, max_length=200), AfterValidator(_words)]
Tag = Annotated[str, StringConstraints(min_length=1, max_length=40), AfterValidator(_tag)]
Tags = Annotated[list[Tag], Field(max_length=10), AfterValidator(_unique)]
Title = Annotated[str, StringConstraints(min_length=1, max_length=200, strip_whitespace=True, pattern=LINE)]
Slug = Annotated[str, StringConstraints(min_length=1, max_length=100), AfterValidator(acceptable)]
Body = Annotated[
    str, StringConstraints(min_length=1, max_length=100_000), AfterValidator(_markdown), Field(description="Markdown.")
]


class Publication(Strict):
    """When everybody may see the post."""

    draft: bool | None = Field(
        None, description="True: only you see it. False, of a draft: everybody does from now on."
    )
    publish_at: AwareDatetime | None = Field(None, description="A moment to come; the post waits for it.")

    @model_validator(mode="after")
    def _one_of_them(self) -> Self:
        if self.draft and self.publish_at is not None:
            raise ValueError("a draft has no moment of publication")
        return self


class PostCreate(Publication):
    slug: Slug | None = Field(None, description="The word in the post's address; of the title's words if left out.")
    title: Title
    body: Body
    tags: Tags = Field(default_factory=list)


class PostUpdate(Publication):
    """Fields left out or null stay as they are."""

    slug: Slug | None = Field(None, description="Its former slug goes on leading to the post.")
    title: Title | None = None
    body: Body | None = None
    tags: Tags | None = None


class Author(BaseModel):
    id: UUID
    display_name: str


class Price(BaseModel):
    """`amount` is in minor units."""

    amount: int
    currency: str


class Counts(BaseModel):
    comments: int
    reactions: dict[str, int] = Field(description="By kind; a kind that nobody has chosen is left out.")


class PostSummary(BaseModel):
    id: UUID
    slug: str
    title: str
    excerpt: str
    tags: list[str]
    author: Author
    counts: Counts
    version: int
    created_at: datetime
    updated_at: datetime
    published_at: datetime
    price: Price | None = Field(description="Null: the post is free.")
    locked: bool = Field(description="The body is not in this answer; see `GET /v1/posts/{post_id}/full`.")


class FoundPost(PostSummary):
    highlight: str = Field(description="HTML: what was found, in <mark>, and the text around it; no other markup.")


class Draft(BaseModel):
    """A post that waits for its moment (`publish_at`), or for its author."""

    id: UUID
    slug: str
    title: str
    excerpt: str
    publish_at: datetime | None
    updated_at: datetime


class PostRead(PostSummary):
    published_at: datetime | None = Field(description="Null: a draft.")  # type: ignore[assignment]  # wider for its author
    body: str | None = Field(description="Markdown, as written; null when it is locked.")
    html: str | None = Field(description="The body rendered and sanitised; null when it is locked.")


class TagRead(BaseModel):
    name: str
    posts: int


class TagList(BaseModel):
    items: list[TagRead]
