"""Identity over HTTP: the workspace, its people, invitations, tokens, and who asks."""

from __future__ import annotations

from marshmallow import fields, validate

from meishi.sdk.contract import Role
from meishi.sdk.http import ResourceSchema

_NAME = validate.Length(1, 200)
#: Days for which a token may be good; none is good for ever.
_MOST_DAYS, _USUAL_DAYS = 365, 90
_EMAIL = {"example": "anna@example.com"}
_PERSON = {"example": "Anna Lindqvist"}
_WORKSPACE = {"example": "Lindqvist & Co"}
_SLUG = {"description": "What the command line calls it.", "example": "lindqvist"}
_PERMISSIONS = {"example": ["contacts.read", "qr.read"]}
_SCOPES = {
    "description": "What it may do; null for all that its role may.",
    **_PERMISSIONS,
}
_NEXT = {"description": "Null on the last page."}
_TOKEN_NAME = {"description": "What it is for.", "example": "Import script"}


class WorkspacePatchSchema(ResourceSchema):
    """What of a workspace can change (JSON Merge Patch, RFC 7396)."""

    slug = fields.String(validate=validate.Length(1, 40), metadata=_SLUG)
    name = fields.String(validate=_NAME, metadata=_WORKSPACE)


class WorkspaceSchema(ResourceSchema):
    """A workspace."""

    id = fields.UUID(required=True)
    slug = fields.String(required=True, metadata=_SLUG)
    name = fields.String(required=True, metadata=_WORKSPACE)


class MemberPatchSchema(ResourceSchema):
    """What of a member can change (JSON Merge Patch, RFC 7396)."""

    role = fields.Enum(Role, by_value=True)


class MemberSchema(ResourceSchema):
    """A person in the workspace; `id` is that of the user."""

    id = fields.UUID(attribute="user_id", required=True)
    email = fields.String(required=True, metadata=_EMAIL)
    name = fields.String(required=True, metadata=_PERSON)
    role = fields.Enum(Role, by_value=True, required=True)
    joined_at = fields.AwareDateTime(required=True, format="iso")


class MemberListSchema(ResourceSchema):
    """Members, by their names."""

    items = fields.List(fields.Nested(MemberSchema), required=True)


class InvitationDraftSchema(ResourceSchema):
    """Whom to invite."""

    email = fields.String(required=True, validate=validate.Length(1, 320), metadata=_EMAIL)
    role = fields.Enum(Role, by_value=True, load_default=Role.MEMBER)


class InvitationSchema(ResourceSchema):
    """An invitation that waits."""

    id = fields.UUID(required=True)
    email = fields.String(required=True, metadata=_EMAIL)
    role = fields.Enum(Role, by_value=True, required=True)
    invited_by = fields.UUID(
        required=True, allow_none=True, metadata={"description": "The user; null for an operator."}
    )
    created_at = fields.AwareDateTime(required=True, format="iso")
    expires_at = fields.AwareDateTime(required=True, format="iso")


class InvitationListSchema(ResourceSchema):
    """Invitations, the newest first."""

    items = fields.List(fields.Nested(InvitationSchema), required=True)


class TokenDraftSchema(ResourceSchema):
    """What a token is to be."""

    name = fields.String(required=True, validate=_NAME, metadata=_TOKEN_NAME)
    scopes = fields.List(
        fields.String(validate=_NAME),
        load_default=None,
        allow_none=True,
        validate=validate.Length(1, 200),
        metadata=_SCOPES,
    )
    days = fields.Integer(
        load_default=_USUAL_DAYS,
        validate=validate.Range(1, _MOST_DAYS),
        metadata={"description": "After so many days it ends."},
    )
    role = fields.Enum(
        Role,
        by_value=True,
        load_default=None,
        allow_none=True,
        metadata={
            "description": "Makes it the workspace's own, with this role; without one it is yours.",
            "example": None,
        },
    )


class IssuedTokenSchema(ResourceSchema):
    """A new token."""

    id = fields.UUID(required=True)
    secret = fields.String(
        required=True, metadata={"description": "Shown this once.", "example": "msh_…"}
    )


class TokenSchema(ResourceSchema):
    """What is known of a token: all but its secret."""

    id = fields.UUID(required=True)
    name = fields.String(required=True, metadata=_TOKEN_NAME)
    user_id = fields.UUID(required=True)
    service = fields.Boolean(
        required=True, metadata={"description": "Whether it is the workspace's own."}
    )
    role = fields.Enum(Role, by_value=True, required=True)
    scopes = fields.Function(
        lambda token: None if token.scopes is None else sorted(token.scopes),
        required=True,
        metadata={"type": ["array", "null"], "items": {"type": "string"}, **_SCOPES},
    )
    operator = fields.Boolean(required=True)
    created_at = fields.AwareDateTime(required=True, format="iso")
    expires_at = fields.AwareDateTime(required=True, allow_none=True, format="iso")
    last_used_at = fields.AwareDateTime(required=True, allow_none=True, format="iso")


class TokenListSchema(ResourceSchema):
    """Tokens, the oldest first."""

    items = fields.List(fields.Nested(TokenSchema), required=True)


class RoleSchema(ResourceSchema):
    """A role, and what it may do."""

    role = fields.Enum(Role, by_value=True, required=True)
    permissions = fields.List(fields.String(), required=True, metadata=_PERMISSIONS)


class RolesSchema(ResourceSchema):
    """All roles, from the highest to the lowest."""

    items = fields.List(fields.Nested(RoleSchema), required=True)


class PermissionSchema(ResourceSchema):
    """A right, and which roles have it."""

    name = fields.String(required=True, metadata={"example": "contacts.read"})
    title = fields.String(required=True, metadata={"example": "See contacts"})
    plugin = fields.String(
        required=True, metadata={"description": "Whose right it is.", "example": "Contacts"}
    )
    roles = fields.List(fields.Enum(Role, by_value=True), required=True)


class PermissionsSchema(ResourceSchema):
    """All rights that roles can have."""

    items = fields.List(fields.Nested(PermissionSchema), required=True)


class UserSchema(ResourceSchema):
    """Whose token it is."""

    id = fields.UUID(required=True)
    email = fields.String(required=True, metadata=_EMAIL)
    name = fields.String(required=True, metadata=_PERSON)


class AccountSchema(ResourceSchema):
    """Who asks, where, and what they may do."""

    user = fields.Nested(UserSchema, required=True)
    workspace = fields.Nested(WorkspaceSchema, required=True)
    role = fields.Enum(Role, by_value=True, required=True)
    token_id = fields.UUID(required=True, allow_none=True)
    permissions = fields.List(
        fields.String(),
        required=True,
        metadata={"description": "Those of the role, or fewer if it has scopes.", **_PERMISSIONS},
    )


RESOURCES = (
    WorkspacePatchSchema,
    WorkspaceSchema,
    MemberPatchSchema,
    MemberSchema,
    MemberListSchema,
    InvitationDraftSchema,
    InvitationSchema,
    InvitationListSchema,
    TokenDraftSchema,
    IssuedTokenSchema,
    TokenSchema,
    TokenListSchema,
    RoleSchema,
    RolesSchema,
    PermissionSchema,
    PermissionsSchema,
    UserSchema,
    AccountSchema,
)
