"""What can go wrong with accounts, workspaces and tokens."""

from __future__ import annotations

from meishi.sdk.contract import DomainError


class InvalidAccount(DomainError):
    """An email address, name, slug or time of expiry is not acceptable."""

    code = "invalid-account"
    title = "Invalid account"


class SlugTaken(DomainError):
    """Another workspace has the same slug."""

    code = "workspace-slug-taken"
    title = "Workspace already exists"
    status = 409


class NotAMember(DomainError):
    """The user is no member of the current workspace."""

    code = "not-a-member"
    title = "Not a member of the workspace"
    status = 403


class TokenNotFound(DomainError):
    """The current workspace has no such token."""

    code = "token-not-found"
    title = "No such token"
    status = 404


class AccountNotFound(DomainError):
    """There is no such account."""

    code = "account-not-found"
    title = "No such account"
    status = 404


class WeakPassword(DomainError):
    """A password is too short, too long or too easy to guess."""

    code = "weak-password"
    title = "Password not accepted"


class WrongPassword(DomainError):
    """The password is not that of the account."""

    code = "wrong-password"
    title = "Wrong password"
    status = 403


class SignInRefused(DomainError):
    """Address and password belong to nobody, or not to each other; nothing says which."""

    code = "sign-in-refused"
    title = "Sign-in refused"
    status = 401


class EmailNotVerified(DomainError):
    """The password is right, but nobody has shown yet that the address is theirs."""

    code = "email-not-verified"
    title = "Address not verified"
    status = 403


class TooManyAttempts(DomainError):
    """There were too many wrong passwords for an account, or from an address."""

    code = "too-many-attempts"
    title = "Too many attempts"
    status = 429


class LinkInvalid(DomainError):
    """A link is none of ours, was used, or has expired; nothing says which."""

    code = "link-invalid"
    title = "Link not valid"
    status = 410


class SignUpClosed(DomainError):
    """The deployment takes only people who are invited."""

    code = "sign-up-closed"
    title = "Sign-up closed"
    status = 403


class AlreadySetUp(DomainError):
    """Somebody can sign in already, so nothing is left to be set up."""

    code = "already-set-up"
    title = "Already set up"
    status = 409


class SessionNotFound(DomainError):
    """The user has no such session."""

    code = "session-not-found"
    title = "No such session"
    status = 404


class MemberNotFound(DomainError):
    """The current workspace has no such member."""

    code = "member-not-found"
    title = "No such member"
    status = 404


class MemberExists(DomainError):
    """The person is there already."""

    code = "member-exists"
    title = "Already there"
    status = 409


class LastOwner(DomainError):
    """A workspace always has an owner."""

    code = "last-owner"
    title = "Last owner"
    status = 409


class NotForThisRole(DomainError):
    """Somebody's role is above that of whoever acts, or is to become so."""

    code = "role-above-own"
    title = "Not for this role"
    status = 403


class InvitationNotFound(DomainError):
    """The current workspace has no such invitation."""

    code = "invitation-not-found"
    title = "No such invitation"
    status = 404


class InvitationForAnother(DomainError):
    """An invitation is for another address than that of the account."""

    code = "invitation-for-another"
    title = "Invitation for another address"
    status = 403


class TooManyInvitations(DomainError):
    """So many invitations wait that no more can be sent."""

    code = "too-many-invitations"
    title = "Too many invitations"
    status = 409


class InvalidScopes(DomainError):
    """A token is to do what there is not, or what its owner may not do."""

    code = "invalid-scopes"
    title = "Invalid scopes"
