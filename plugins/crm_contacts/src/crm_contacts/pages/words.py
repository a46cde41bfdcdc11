"""Words that pages show out of the data: kinds of addresses and numbers, states of imports."""

from meishi.sdk.texts import noted

#: Besides those that a form offers (RFC 6350, 6.4.1, and what older cards say).
KINDS = (
    noted("internet"),
    noted("main"),
    noted("mobile"),
    noted("other"),
    noted("pager"),
    noted("pref"),
    noted("text"),
    noted("textphone"),
    noted("video"),
    noted("voice"),
)
STATES = (noted("uploaded"), noted("running"), noted("completed"))
