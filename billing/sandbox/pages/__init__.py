"""The pages that people see: checkout, portal, invoices, and the developer's desk."""
