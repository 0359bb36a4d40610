"""The same networks for inference, quicker: merged, fused, and laid out as the machine wants them.

Everything here computes what its plain twin in `animate_cli.model` does, but for rounding.
"""
