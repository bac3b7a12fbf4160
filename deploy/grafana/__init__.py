"""Dashboards as code: written in Python, kept as JSON for Grafana, and every query tried on a real Prometheus."""
