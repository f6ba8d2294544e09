"""What the product's speed is, measured against the plain way and a columnar engine."""
