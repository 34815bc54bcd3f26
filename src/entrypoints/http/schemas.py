"""The shapes of requests and answers that have no module of their own, and what those modules share."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Final, Generic, TypeVar

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, SecretStr, model_validator

from repo2docker_service.domain.images import Sort
from repo2docker_service.domain.inputs import LONGEST_ADDRESS, LONGEST_NAME, LONGEST_TEXT
from repo2docker_service.domain.models import Owner
from repo2docker_service.domain.resolved import RefKind
from repo2docker_service.entrypoints.http import examples

LONGEST_PAGE: Final = 200
MOST_GROUPS: Final = 1000
LONGEST_TOKEN: Final = 4096
_MOST_FIELDS: Final = 100


def _owner(text: str) -> str:
    if text and not (text.isprintable() and len(text) <= LONGEST_NAME):
        raise ValueError(f"This is no name, or longer than {LONGEST_NAME} characters.")
    try:
        return str(Owner.parse(text)) if text else ""
    except ValueError:
        raise ValueError("Give user:NAME, service:NAME or group:NAME.") from None


def few(given: Any, most: int) -> Any:  # noqa: ANN401 - it may be anything
    """Give what is no object, or one with as many members as may be, before each of them is looked at."""
    if isinstance(given, dict) and len(given) > most:
        raise ValueError(f"At most {most} can be given.")
    return given


OwnerText = Annotated[str, Field(max_length=LONGEST_NAME), AfterValidator(_owner)]
Address = Annotated[str, Field(min_length=1, max_length=LONGEST_ADDRESS)]
Name = Annotated[str, Field(max_length=LONGEST_NAME)]
Text = Annotated[str, Field(max_length=LONGEST_TEXT)]


class Body(BaseModel):
    """What people send: nothing is converted, nothing unknown is passed over."""

    model_config = ConfigDict(strict=True, extra="forbid", hide_input_in_errors=True)

    @model_validator(mode="before")
    @classmethod
    def _has_few_fields(cls, given: Any) -> Any:  # noqa: ANN401 - it may be anything
        # To tell a mistake of each would take seconds, of everybody.
        return few(given, _MOST_FIELDS)


class CredentialsWish(Body):
    """What opens the repository, and no other; it is neither kept nor told again. What is built with it is private."""

    username: Annotated[Name, Field(description="May be left out beside a token.")] = ""
    password: Annotated[SecretStr, Field(description="A password, or a token that may read the repository.")]


class SourceWish(Body):
    """What to look up."""

    model_config = ConfigDict(json_schema_extra={"examples": examples.WISHES[:1]})

    repo: Address
    ref: Name = "HEAD"
    subdir: Name = ""
    owner: Annotated[OwnerText, Field(description="For whom it would be built; the caller when left out.")] = ""
    credentials: CredentialsWish | None = None


class Login(Body):
    """A token to be changed for a session."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"token": "a-long-random-text"}]})

    token: Annotated[str, Field(min_length=1, max_length=LONGEST_TOKEN)]


class Paging(BaseModel):
    """Which page of a list."""

    # An unknown filter that was passed over would show more than was asked for.
    model_config = ConfigDict(extra="forbid")

    limit: Annotated[int, Field(ge=1, le=LONGEST_PAGE, description="How many at most.")] = 50
    cursor: Annotated[str, Field(max_length=2000, description="What the page before gave as next.")] = ""


class ImagesWanted(Paging):
    """Which images to list."""

    name: Annotated[
        str, Field(max_length=2 * LONGEST_NAME, description="The exact full name, the id, or what a spawner starts.")
    ] = ""
    owner: OwnerText = ""
    repo: Annotated[str, Field(max_length=LONGEST_ADDRESS, description="The address of the repository.")] = ""
    ref: Annotated[
        str, Field(max_length=LONGEST_NAME, description="The branch or tag that it was built from, or its commit.")
    ] = ""
    q: Annotated[str, Field(max_length=LONGEST_NAME, description="Words that all occur somewhere.")] = ""
    sort: Sort = Sort.NEWEST
    visible_to: Annotated[
        OwnerText, Field(description="Only what this user may see; of others it needs the scope images:read-for-user.")
    ] = ""
    group: Annotated[
        list[Name],
        Field(max_length=MOST_GROUPS, description="A group that the user of visible_to is in; may be repeated."),
    ] = []


class Brought(BaseModel):
    """What a browser brings back from where people log in (RFC 6749, 4.1.2)."""

    code: Annotated[str, Field(max_length=LONGEST_TOKEN)] = ""
    state: Annotated[str, Field(max_length=200)] = ""
    error: Annotated[str, Field(max_length=200)] = ""


class ImageShape(BaseModel):
    """A finished image. The page calls it an environment."""

    model_config = ConfigDict(json_schema_extra={"examples": [examples.IMAGE]})

    id: str
    name: Annotated[str, Field(description="The full name that people can pull.")]
    digest: str
    created_at: datetime
    size: Annotated[int, Field(description="Bytes.")]
    title: str
    description: str
    repo: str
    ref: str
    commit: str
    subdir: str
    owner: str
    requested_by: str
    private: bool
    outdated: Annotated[str, Field(description="Why a build of today would differ; empty when it would not.")]
    launchable: Annotated[
        bool | None, Field(description="Whether a notebook server is in it; null when nobody looked.")
    ]
    changed_outside: Annotated[
        bool | None,
        Field(
            description="Whether it is not what its build has pushed, as somebody else put it there. Null where that is"
            " not known: the build is not on record any more, or has pushed nothing; nor does every list look."
        ),
    ] = None
    launch_reference: Annotated[str, Field(description="What a spawner should start.")]
    build_id: str
    build_args: Annotated[
        list[str], Field(description="Names of the build arguments with which somebody made it differ; mostly none.")
    ]
    featured: Annotated[bool, Field(description="An administrator wants it shown before others.")] = False
    default: Annotated[bool, Field(description="An administrator wants it chosen where nobody has chosen.")] = False
    protected: Annotated[bool, Field(description="An administrator wants it neither deleted nor replaced.")] = False
    profile: Annotated[str, Field(description="The profile for its servers where none is asked for.")] = ""


Item = TypeVar("Item", bound=BaseModel)


class PageShape(BaseModel, Generic[Item]):
    """A page of a list."""

    items: list[Item]
    next: Annotated[str | None, Field(description="The cursor of the next page; null on the last one.")]
    total: Annotated[int, Field(description="How many there are on all pages.")]


class ImagePageShape(PageShape[ImageShape]):
    """A page of images, with how fresh the knowledge is."""

    as_of: datetime
    stale: Annotated[bool, Field(description="Whether the registry could not be asked lately.")]
    partial: Annotated[bool, Field(description="Whether there may be images that this service does not know of.")]
    unreadable: Annotated[
        list[str],
        Field(
            description="Names of images that the registry does not give in a way that can be read: of those that the"
            " caller may know of the first hundred, on every page."
        ),
    ] = []


class RefShape(BaseModel):
    """A branch or tag."""

    name: str
    kind: RefKind
    commit: str


class SourceShape(BaseModel):
    """What is known of a source before it is built."""

    model_config = ConfigDict(json_schema_extra={"examples": [examples.SOURCE]})

    repo: Annotated[str, Field(description="The address in normal form.")]
    ref: str
    resolved_ref: Annotated[str, Field(description="The full name of the ref, or the commit itself.")]
    commit: str
    subdir: str
    private: Annotated[bool, Field(description="Whether what is built from it is seen by its owner only.")]
    refs: Annotated[list[RefShape], Field(description="Branches, the default one first, and tags, for completion.")]
    image: Annotated[ImageShape | None, Field(description="The image that a build would reuse.")]
    estimated_seconds: Annotated[
        float | None, Field(description="How long builds of this repository took lately; null of too few.")
    ]


class MeLimits(BaseModel):
    """How much one owner may have at once; 0 is no limit."""

    builds: Annotated[int, Field(description="Queued or running.")]
    images: Annotated[int, Field(description="Stored, those counted that are being built.")]


class MeShape(BaseModel):
    """Who is asking, and what they may do."""

    model_config = ConfigDict(json_schema_extra={"examples": [examples.ME]})

    name: str
    kind: str
    owner: Annotated[str, Field(description="The owner of what they build when they name no other.")]
    groups: list[str]
    owners: Annotated[list[str], Field(description="For whom they may build.")]
    permissions: Annotated[list[str], Field(description="What they may do with their own things.")]
    admin: bool
    login: Annotated[str, Field(description="Where to log in anew, to get permissions given meanwhile; may be empty.")]
    home: Annotated[str, Field(description="The hub's page of the caller; empty where there is no hub.")]
    limits: Annotated[MeLimits, Field(description="How much they may have at once.")]


class ProfileShape(BaseModel):
    """How much a server may use."""

    slug: Annotated[str, Field(description="How it is asked for.")]
    title: str
    description: str
    cpu: Annotated[float, Field(description="Processors; 0 sets no limit of its own.")]
    memory: Annotated[int, Field(description="Bytes; 0 sets no limit of its own.")]
    node_selector: Annotated[dict[str, str], Field(description="Labels of the Kubernetes nodes to run on.")]


class InfoShape(BaseModel):
    """What this service is and can do."""

    model_config = ConfigDict(json_schema_extra={"examples": [examples.INFO]})

    version: str
    capabilities: dict[str, bool]
    profiles: Annotated[list[ProfileShape], Field(description="What servers can be asked for.")]
    limits: Annotated[dict[str, int], Field(description="The longest values that are taken.")]
    after_delete: Annotated[str, Field(description="What people should know who deleted an image; may be empty.")]
