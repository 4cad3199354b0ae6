"""Messages to residents: written to the outbox inside the act's transaction, delivered after it.

Other slices ask ``service.send``. The in-app channel is the notice itself; each further channel is
a delivery row that the worker sends, retries and marks.
"""
