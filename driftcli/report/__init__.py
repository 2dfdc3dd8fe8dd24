"""Every JSON document that drift writes, as frozen records: the contract of its outputs."""
