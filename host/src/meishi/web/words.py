"""Words that pages show without that a template or a declaration says them: titles of problems."""

from meishi.web.texts import noted

PROBLEM_TITLES = (
    noted("Authentication needed"),
    noted("Bad Request"),
    noted("Busy"),
    noted("Content Too Large"),
    noted("Database unavailable"),
    noted("Forbidden"),
    noted("Internal Server Error"),
    noted("Method Not Allowed"),
    noted("Module not active"),
    noted("Not Found"),
    noted("Not allowed"),
    noted("Too Many Requests"),
)
