"""Schema `posts`: what people write, and the tags they put on it."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, ColumnElement, ForeignKey, Index, Integer, Text, and_, func, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from common.models.base import Base

_PUBLISHED = text("deleted_at IS NULL AND published_at IS NOT NULL")


class Post(Base):
    """`body` is Markdown as written, `html` its sanitised rendering, `version` counts edits from 1.

    `tags`: their names in order, for who reads the post; `post_tags` is for who looks for posts.
    `published_at`: null is a draft, a moment to come is a post that waits for it. See `visible`.
    `hidden_at`: a moderator keeps it from everybody but its author. `price_…`: null is free; minor units; the author's account.
    """

    __tablename__ = "posts"
    __table_args__ = (
        CheckConstraint("char_length(title) BETWEEN 1 AND 200", name="title"),
        CheckConstraint("char_length(body) BETWEEN 1 AND 100000", name="body"),
        CheckConstraint(
            "num_nulls(price_amount, price_currency, price_account_id) IN (0, 3) AND price_amount > 0", name="price"
        ),
        # Exactly the order of the lists, tie-breaker and all, so that every page is one index range.
        Index("ix_posts_newest", "published_at", "id", postgresql_where=_PUBLISHED),
        Index("ix_posts_author_newest", "author_id", "published_at", "id", postgresql_where=_PUBLISHED),
        Index(None, "author_id"),
        Index("ix_posts_author_changed", "author_id", "updated_at", "id", postgresql_where=text("deleted_at IS NULL")),
        Index("ix_posts_deleted", "author_id", "deleted_at", "id", postgresql_where=text("deleted_at IS NOT NULL")),
        Index("ix_posts_deleted_at", "deleted_at", postgresql_where=text("deleted_at IS NOT NULL")),
        {"schema": "posts"},
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, server_default=func.uuidv7())
    slug: Mapped[str] = mapped_column(Text, unique=True)
    author_id: Mapped[UUID]
    title: Mapped[str] = mapped_column(Text)
    body: Mapped[str] = mapped_column(Text)
    html: Mapped[str] = mapped_column(Text)
    excerpt: Mapped[str] = mapped_column(Text)
    tags: Mapped[list[str]] = mapped_column(ARRAY(Text), server_default=text("'{}'"))
    version: Mapped[int] = mapped_column(Integer, server_default=text("1"))
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    updated_at: Mapped[datetime] = mapped_column(server_default=func.now())
    deleted_at: Mapped[datetime | None]
    published_at: Mapped[datetime | None]
    editor_id: Mapped[UUID | None]
    deleted_by: Mapped[UUID | None]
    hidden_at: Mapped[datetime | None]
    price_amount: Mapped[int | None] = mapped_column(BigInteger)
    price_currency: Mapped[str | None] = mapped_column(Text)
    price_account_id: Mapped[UUID | None]


def shown() -> ColumnElement[bool]:
    """That everybody may see the post from its moment of publication on."""
    return and_(Post.deleted_at.is_(None), Post.hidden_at.is_(None), Post.published_at.is_not(None))


def visible() -> ColumnElement[bool]:
    """That everybody may see the post now, though not the whole of one that has a price: see `free`."""
    return and_(shown(), Post.published_at <= func.now())


def free(post: type[Post] = Post) -> ColumnElement[bool]:
    """That a post's body is for everybody who may see the post."""
    return post.price_amount.is_(None)


class OldSlug(Base):
    """What a post was called before."""

    __tablename__ = "old_slugs"
    __table_args__ = (Index(None, "post_id"), {"schema": "posts"})

    slug: Mapped[str] = mapped_column(Text, primary_key=True)
    post_id: Mapped[UUID] = mapped_column(ForeignKey("posts.posts.id", ondelete="CASCADE"))


class Tag(Base):
    """`posts`: how many shown posts have it, without what waits in `tag_deltas`."""

    __tablename__ = "tags"
    __table_args__ = (Index("ix_tags_posts", text("posts DESC"), "name"), {"schema": "posts"})

    id: Mapped[UUID] = mapped_column(primary_key=True, server_default=func.uuidv7())
    name: Mapped[str] = mapped_column(Text, unique=True)
    posts: Mapped[int] = mapped_column(BigInteger, server_default=text("0"))


class PostTag(Base):
    """`published_at` is the post's: a tag's list is then one index range as well."""

    __tablename__ = "post_tags"
    __table_args__ = (
        Index(
            "ix_post_tags_newest",
            "tag_id",
            "published_at",
            "post_id",
            postgresql_where=text("published_at IS NOT NULL"),
        ),
        {"schema": "posts"},
    )

    post_id: Mapped[UUID] = mapped_column(ForeignKey("posts.posts.id"), primary_key=True)
    tag_id: Mapped[UUID] = mapped_column(ForeignKey("posts.tags.id"), primary_key=True)
    published_at: Mapped[datetime | None]
