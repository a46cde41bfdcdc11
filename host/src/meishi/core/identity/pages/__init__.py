"""Identity's pages: the entrance, one's account, and the people of a workspace."""

from meishi.core.identity.pages.account import account_page, email_page, password_page
from meishi.core.identity.pages.entrance import sign_in_page, sign_out, sign_up_page
from meishi.core.identity.pages.invitation import invitation_page
from meishi.core.identity.pages.links import change_email_page, reset_page, verify_page
from meishi.core.identity.pages.members import (
    change_role,
    invite,
    members_page,
    remove_member,
    revoke_invitation,
)
from meishi.core.identity.pages.sessions import revoke_others, revoke_session, sessions_page
from meishi.core.identity.pages.setup import setup_page
from meishi.core.identity.pages.tokens import new_token_page, revoke_token, tokens_page
from meishi.core.identity.pages.workspaces import switch_workspace, workspaces_page
from meishi.sdk.plugin import NavigationEntry, Page, PublicPage

_FORM, _POST = ("GET", "POST"), ("POST",)

#: What anybody may open.
ENTRANCES = (
    PublicPage(rule="/sign-in", view=sign_in_page, methods=_FORM),
    PublicPage(rule="/sign-up", view=sign_up_page, methods=_FORM),
    PublicPage(rule="/sign-out", view=sign_out, methods=_POST),
    PublicPage(rule="/verify", view=verify_page, methods=_FORM),
    PublicPage(rule="/reset", view=reset_page, methods=_FORM),
    PublicPage(rule="/change-email", view=change_email_page, methods=_FORM),
    PublicPage(rule="/setup", view=setup_page, methods=_FORM),
    PublicPage(rule="/invitation", view=invitation_page, methods=_FORM),
)

PAGES = (
    Page(
        name="workspaces", rule="/workspaces", view=workspaces_page, title="Workspaces",
        permission=None, methods=_FORM,
    ),
    Page(
        name="switch", rule="/workspaces/<uuid:workspace_id>/switch", view=switch_workspace,
        title="Workspaces", permission=None, methods=_POST,
    ),
    Page(
        name="account", rule="/account", view=account_page, title="Account",
        permission=None, methods=_FORM,
    ),
    Page(
        name="password", rule="/account/password", view=password_page, title="Change password",
        permission=None, methods=_FORM,
    ),
    Page(
        name="email", rule="/account/email", view=email_page, title="Change address",
        permission=None, methods=_FORM,
    ),
    Page(
        name="sessions", rule="/sessions", view=sessions_page, title="Sessions", permission=None,
    ),
    Page(
        name="revoke_others", rule="/sessions/revoke-others", view=revoke_others,
        title="Sessions", permission=None, methods=_POST,
    ),
    Page(
        name="revoke_session", rule="/sessions/<uuid:session_id>/revoke", view=revoke_session,
        title="Sessions", permission=None, methods=_POST,
    ),
    Page(
        name="members", rule="/members", view=members_page, title="Members",
        permission="members.read",
    ),
    Page(
        name="role", rule="/members/<uuid:user_id>/role", view=change_role, title="Members",
        permission="members.write", methods=_POST,
    ),
    Page(
        name="remove", rule="/members/<uuid:user_id>/remove", view=remove_member,
        title="Members", permission="members.read", methods=_POST,
    ),
    Page(
        name="invite", rule="/invitations", view=invite, title="Members",
        permission="members.write", methods=_POST,
    ),
    Page(
        name="revoke_invitation", rule="/invitations/<uuid:invitation_id>/revoke",
        view=revoke_invitation, title="Members", permission="members.write", methods=_POST,
    ),
    Page(
        name="tokens", rule="/tokens", view=tokens_page, title="API tokens",
        permission="tokens.own",
    ),
    Page(
        name="new_token", rule="/tokens/new", view=new_token_page, title="New API token",
        permission="tokens.own", methods=_FORM,
    ),
    Page(
        name="revoke_token", rule="/tokens/<uuid:token_id>/revoke", view=revoke_token,
        title="API tokens", permission="tokens.own", methods=_POST,
    ),
)  # fmt: skip

NAVIGATION = (
    NavigationEntry(page="members", title="Members", icon="users", section="Workspace", order=10),
    NavigationEntry(page="tokens", title="API tokens", icon="key", section="Workspace", order=20),
)

__all__ = ["ENTRANCES", "NAVIGATION", "PAGES"]
