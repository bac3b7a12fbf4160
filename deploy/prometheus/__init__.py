"""What watches a node: whom Prometheus asks, what it computes, and when it calls somebody."""
