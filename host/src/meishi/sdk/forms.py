"""What a plugin's pages need to show forms and to read them."""

from __future__ import annotations

from meishi.web.form_fields import Choice, FormField
from meishi.web.forms import Answer, Form

__all__ = ["Answer", "Choice", "Form", "FormField"]
