"""The dashboards of a node, one file each: what is asked, in which order, and why."""
