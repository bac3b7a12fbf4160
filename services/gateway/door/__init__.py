"""What every request passes through: who is calling, input read strictly, answers with their headers."""
