"""The headers that tell browsers to be careful, on every answer."""

from secure import (
    ContentSecurityPolicy,
    CrossOriginOpenerPolicy,
    CrossOriginResourcePolicy,
    PermissionsPolicy,
    ReferrerPolicy,
    Secure,
    StrictTransportSecurity,
    XContentTypeOptions,
    XFrameOptions,
)

YEAR = 31_536_000


def for_answers(https: bool) -> dict[str, str]:
    """For data, which a browser must never treat as a page."""
    nothing = ContentSecurityPolicy().default_src("'none'").frame_ancestors("'none'").base_uri("'none'")
    return with_policy(nothing, https)


def for_pages(https: bool) -> dict[str, str]:
    """For the gateway's own pages: scripts from here only; styles also inline, which the API's page needs."""
    own = (
        ContentSecurityPolicy()
        .default_src("'none'")
        .script_src("'self'")
        .style_src("'self'", "'unsafe-inline'")
        .connect_src("'self'")
        .img_src("'self'", "data:")
        .form_action("'none'")
        .frame_ancestors("'none'")
        .base_uri("'none'")
    )
    return with_policy(own, https)


def with_policy(policy: ContentSecurityPolicy, https: bool) -> dict[str, str]:
    """All the headers, with a content security policy of the page's own."""
    headers = Secure(
        csp=policy,
        coop=CrossOriginOpenerPolicy().same_origin(),
        corp=CrossOriginResourcePolicy().same_origin(),
        hsts=StrictTransportSecurity().max_age(YEAR).include_subdomains() if https else None,
        permissions=PermissionsPolicy().geolocation().microphone().camera(),
        referrer=ReferrerPolicy().no_referrer(),
        xcto=XContentTypeOptions().nosniff(),
        xfo=XFrameOptions().deny(),
    ).headers
    return dict(headers)
