"""A browser as far as signing in goes: cookies by origin, redirects one at a time, and where a request comes from."""

import re
from html import unescape
from http.cookies import SimpleCookie
from urllib.parse import urljoin, urlsplit

import httpx2


class Browser:
    """Somebody's browser; it follows nothing by itself."""

    def __init__(self) -> None:
        self.http = httpx2.Client(timeout=15)
        # By origin, unlike a real one's, so that a provider on another port is another site.
        self.cookies: dict[str, dict[str, str]] = {}
        self.at = ""

    def get(self, address: str, site: str = "none") -> httpx2.Response:
        """Open an address."""
        return self._ask("GET", address, {"Sec-Fetch-Site": site})

    def post(self, address: str, form: dict[str, str], **headers: str) -> httpx2.Response:
        """Send a form from a page of the same site, unless `headers` say otherwise."""
        return self._ask("POST", address, headers or {"Sec-Fetch-Site": "same-origin"}, form)

    def cookie(self, name: str) -> str | None:
        """A cookie of the site that was asked last."""
        return self.cookies.get(_origin(self.at), {}).get(name)

    def follow(self, answer: httpx2.Response) -> httpx2.Response:
        """Go one step on."""
        assert answer.is_redirect, answer.text[:500]
        return self.get(answer.headers["location"], "cross-site")

    def _ask(
        self, method: str, address: str, headers: dict[str, str], form: dict[str, str] | None = None
    ) -> httpx2.Response:
        self.at = urljoin(self.at, address)
        jar = self.cookies.setdefault(_origin(self.at), {})
        if jar:
            headers = headers | {"Cookie": "; ".join(f"{name}={value}" for name, value in jar.items())}
        answer = self.http.request(method, self.at, headers=headers, data=form)
        for line in answer.headers.get_list("set-cookie"):
            for name, morsel in SimpleCookie(line).items():
                if morsel["max-age"] == "0" or not morsel.value or "1970" in morsel["expires"]:
                    jar.pop(name, None)
                else:
                    jar[name] = morsel.value
        return answer


def _origin(address: str) -> str:
    parts = urlsplit(address)
    return f"{parts.scheme}://{parts.netloc}"


def link(page: httpx2.Response) -> str:
    """Where the page's button leads."""
    found = re.search(r'class="button" href="([^"]+)"', page.text)
    assert found, page.text
    return unescape(found[1])


def prove(browser: Browser, answer: httpx2.Response, login: str) -> str:
    """At oidc-provider: be whoever one says, agree, and say where it sends the browser; the browser does not go there."""
    for _ in range(12):
        if answer.is_redirect:
            address = urljoin(browser.at, answer.headers["location"])
            if "/sign-in/back/" in address or "/sign-in/signed-out" in address:
                return address
            answer = browser.get(address, "cross-site")
            continue
        form = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', answer.text))
        action = re.search(r'action="([^"]+)"', answer.text)
        assert action, answer.text
        sent = form | ({"login": login, "password": "any"} if form.get("prompt") == "login" else {})
        answer = browser.post(unescape(action[1]), sent)
    raise AssertionError(f"it never came back: {answer.status_code} {answer.text[:500]}")
