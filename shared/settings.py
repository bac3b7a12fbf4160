"""What every process is told from outside, by environment variables that begin with COMMONPLACE_."""

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict


class ProcessSettings(BaseSettings):
    """What every process of a node needs to know."""

    model_config = SettingsConfigDict(env_prefix="COMMONPLACE_", extra="ignore")

    broker: str = Field(
        "amqp://guest:guest@127.0.0.1:5672/",
        description="Where RabbitMQ is: amqp://user:password@host:port/vhost.",
    )
    admin_host: str = Field(
        "127.0.0.1", description="The address on which /metrics, /healthz and /readyz answer."
    )
    admin_port: int = Field(0, description="Their port; 0 leaves them out.")
    log_level: str = Field("info", description="debug, info, warning or error.")


class ServiceSettings(ProcessSettings):
    """What a service needs besides: its database."""

    mongo: str = Field(
        "mongodb://127.0.0.1:27017/?replicaSet=rs0",
        description="Where MongoDB is; transactions need a replica set.",
    )
    database_prefix: str = Field("commonplace", description="A service's database is <prefix>_<service>.")
    workers: int = Field(16, ge=1, le=200, description="How many calls a service process answers at a time.")
