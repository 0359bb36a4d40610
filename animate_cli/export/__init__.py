"""The networks as ONNX graphs, for other runtimes than torch."""
