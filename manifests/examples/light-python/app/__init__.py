"""A small shop: orders, invoices, uploads and a report queue. Every flaw in it is there on purpose."""
