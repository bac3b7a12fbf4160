"""Everything that runs Commonplace somewhere: one machine, containers, dashboards, commands."""
