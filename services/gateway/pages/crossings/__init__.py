"""What does that organisation get to see, and why? For members who want to know before they write, or after."""

from services.gateway.pages.crossings.routes import CrossingPages, crossing_routes

__all__ = ["CrossingPages", "crossing_routes"]
