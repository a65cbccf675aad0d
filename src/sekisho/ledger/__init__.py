"""The append-only, signed Merkle log of versions, acts and evidence. It knows bytes, not business."""
