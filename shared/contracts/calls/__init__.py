"""What each service may be asked, by the gateway and the operator's commands: one file per service asked."""
