"""Many contacts at once: which are chosen, what is done with them, and how far that has come."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from http import HTTPStatus
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

import msgspec
from flask import Response, abort, request

from crm_contacts.contract import BulkEdits, ContactDocuments, Contacts, InvalidBulkEdit
from crm_contacts.custom_values import UnfitValue
from crm_contacts.pages.many_edits import (
    DELETE,
    EXPORT,
    RESTORE,
    edits_of,
    question_of,
    reasons_in_words,
    title_of,
)
from crm_contacts.schemas.contact_queries import MOST_NAMED, ContactQuerySchema
from meishi.core.operations.contract import (
    Operation,
    OperationEnded,
    OperationNotFound,
    Operations,
    OperationState,
)
from meishi.sdk.context import service
from meishi.sdk.pages import ToastKind, is_fragment, page_query, redirect, render, toast
from meishi.sdk.texts import gettext as _

_JOB = "crm_contacts.edit_contacts"
#: Contacts that are named before something is done with them.
_NAMED = 10
#: What the form says of which contacts are meant: those that are ticked, those that the page
#: shows, or all of the list.
_TICKED, _SHOWN, _ALL = "ticked", "shown", "all"
_IDS_OF = {_TICKED: "contact_id", _SHOWN: "shown_id"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Chosen:
    """The contacts that are meant: by their ids, or else all that the address shows."""

    ids: tuple[UUID, ...] | None
    count: int
    names: Sequence[str]


def choose_edit() -> Response:
    """Show what is about to be done, and with whom; nothing is done yet."""
    chosen = _chosen()
    if not chosen.count:
        toast(_("Choose contacts first: tick them, or take all that are shown."), ToastKind.DANGER)
        return redirect(_list_url())
    if request.form.get("do") == EXPORT:
        return _export(chosen)
    return _confirmation(chosen)


def edit_many() -> Response:
    """Have a worker do it, and show how far it is."""
    chosen = _chosen()
    wanted = page_query(ContactQuerySchema)
    try:
        edits = edits_of(request.form.get("do", ""), request.form.get("value", ""))
        operation_id = service(BulkEdits).start(
            edits,
            contact_ids=chosen.ids,
            conditions=wanted.conditions if chosen.ids is None else None,
            text=wanted.text if chosen.ids is None else None,
        )
    except (InvalidBulkEdit, UnfitValue) as error:
        return _confirmation(chosen, said=_said(error))
    return redirect(f"/contacts/edits/{operation_id}")


def edit_page(operation_id: UUID) -> Response:
    """Show how far an edit of many contacts is, or what came of it."""
    found = _edit(operation_id)
    result = json.loads(found.result) if found.result else {}
    values: dict[str, Any] = {
        "found": found,
        "at_work": not found.state.final,
        "states": OperationState,
        "result": result,
        "passed_over": list(reasons_in_words(result.get("passed_over", {}))),
    }
    name = "edit_state" if is_fragment() else "edit"
    return render(f"crm_contacts/{name}.html", title=_("Edit of many contacts"), **values)


def stop_edit(operation_id: UUID) -> Response:
    """Stop an edit; what is done by now stays."""
    _edit(operation_id)
    try:
        service(Operations).cancel(operation_id)
    except OperationEnded as error:
        toast(error.detail)
    return redirect(f"/contacts/edits/{operation_id}")


def _edit(operation_id: UUID) -> Operation:
    found = service(Operations).get(operation_id)
    if found.kind != _JOB:
        raise OperationNotFound(f"There is no edit {operation_id} in this workspace.")
    return found


def _chosen() -> Chosen:
    whom = request.form.get("whom", _TICKED)
    if whom == _ALL:
        wanted = replace(page_query(ContactQuerySchema), limit=_NAMED, with_total=True, after=None)
        page = service(ContactDocuments).list(wanted)
        return Chosen(ids=None, count=page.total or 0, names=_names(page.items))
    ids = tuple(dict.fromkeys(map(_id, request.form.getlist(_IDS_OF.get(whom, "")))))
    found = service(Contacts).find(ids[:_NAMED])
    return Chosen(ids=ids, count=len(ids), names=[item.name.full for item in found])


def _names(documents: Sequence[bytes]) -> list[str]:
    return [msgspec.json.decode(item)["name"]["full"] for item in documents]


def _id(written: str) -> UUID:
    try:
        return UUID(written)
    except ValueError:
        abort(HTTPStatus.BAD_REQUEST, "contact_id: choose contacts that are shown.")


def _confirmation(chosen: Chosen, said: str = "") -> Response:
    name = request.form.get("do", "")
    heading = title_of(name)
    return render(
        "crm_contacts/many.html",
        status=HTTPStatus.UNPROCESSABLE_ENTITY if said else HTTPStatus.OK,
        title=heading,
        heading=heading,
        name=name,
        question=question_of(name),
        value=request.form.get("value", ""),
        chosen=chosen,
        more=chosen.count - len(chosen.names) if chosen.names else 0,
        whom=_ALL if chosen.ids is None else _TICKED,
        action=f"/contacts/bulk-edit{_query()}",
        back=_list_url(),
        deletes=name == DELETE,
        restores=name == RESTORE,
        said=said,
    )


def _export(chosen: Chosen) -> Response:
    pairs = list(request.args.items(multi=True))
    if chosen.ids is not None:
        if chosen.count > MOST_NAMED:
            said = _("Export up to %(count)s contacts so, or all of the list.", count=MOST_NAMED)
            toast(said, ToastKind.DANGER)
            return redirect(_list_url())
        pairs = [("filter[id][in]", ",".join(map(str, chosen.ids)))]
    return redirect(f"/exports?{urlencode([('resource', 'crm_contacts.Contact'), *pairs])}")


def _list_url() -> str:
    return f"/contacts{_query()}"


def _query() -> str:
    asked = urlencode(list(request.args.items(multi=True)))
    return f"?{asked}" if asked else ""


def _said(error: InvalidBulkEdit | UnfitValue) -> str:
    if isinstance(error, UnfitValue):
        return str(error)
    return " ".join(item.message for item in error.errors) or error.detail
