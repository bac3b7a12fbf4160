"""The plumbing under the services: nameko, RabbitMQ and MongoDB, and nothing of the business.

`run` starts a service, `rpc` and `subscribe` are its entrypoints, `store` its database, `outbox`
and `inbox` carry facts without loss or repetition, `broker` keeps a connection to RabbitMQ,
`telemetry`, `metrics`, `logs` and `admin` let an operator see.
"""
