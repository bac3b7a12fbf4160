"""Signing in and out: at one's own organisation, or by a link."""

from services.gateway.pages.sign_in.routes import SignInPages, sign_in_routes

__all__ = ["SignInPages", "sign_in_routes"]
