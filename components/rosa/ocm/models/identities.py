"""Bodies of requests to OCM for identities: of people, and of the cluster itself."""

from typing import Annotated, Literal

from modelyard.components.rosa.ocm.models.requests import Body
from pydantic import Field, StringConstraints


class HtpasswdUser(Body):
    """User with a password."""

    username: Annotated[str, StringConstraints(pattern=r"^[^/:%~.][^/:%]*$")]
    password: str | None = Field(default=None, repr=False)
    hashed_password: str | None = Field(default=None, repr=False)


class HtpasswdUsers(Body):
    """Linked list: `{"items": […]}` on the wire, a plain array in the specification."""

    items: list[HtpasswdUser]


class Htpasswd(Body):
    """Users and passwords that the cluster keeps."""

    users: HtpasswdUsers


class OpenIdClaims(Body):
    """Claims of a token that hold mail address, names and groups."""

    email: list[str] | None = None
    name: list[str] | None = None
    preferred_username: list[str] | None = None
    groups: list[str] | None = None


class OpenId(Body):
    """OpenID Connect provider, e.g. Entra ID."""

    issuer: Annotated[str, StringConstraints(pattern=r"^https://[^?#]+$")]
    client_id: str
    client_secret: str = Field(repr=False)
    claims: OpenIdClaims
    extra_scopes: list[str] | None = None
    ca: str | None = None


class IdentityProvider(Body):
    """Creates an identity provider (`POST /clusters/{id}/identity_providers`)."""

    name: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9]([-_.A-Za-z0-9]*[A-Za-z0-9])?$")]
    type: Literal["HTPasswdIdentityProvider", "OpenIDIdentityProvider"]
    mapping_method: Literal["add", "claim", "generate", "lookup"] = "claim"
    login: bool = True
    challenge: bool | None = None
    htpasswd: Htpasswd | None = None
    open_id: OpenId | None = None


class NewOidcConfig(Body):
    """Creates an OIDC configuration that Red Hat hosts."""

    managed: Literal[True] = True


class ThumbprintOf(Body):
    """Asks for an issuer's certificate."""

    oidc_config_id: str
