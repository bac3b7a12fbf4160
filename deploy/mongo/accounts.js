// Run once, by the image's entrypoint, when the database is new: each service may open its own database and
// no other, and the exporter may look at the server and at nothing that people wrote.

const admin = db.getSiblingDB("admin");

for (const service of ["membership", "discussion", "notifications"]) {
  admin.createUser({
    user: service,
    pwd: process.env[`${service.toUpperCase()}_DATABASE_PASSWORD`],
    roles: [{ role: "readWrite", db: `commonplace_${service}` }],
  });
}

admin.createUser({
  user: "exporter",
  pwd: process.env.EXPORTER_DATABASE_PASSWORD,
  roles: [{ role: "clusterMonitor", db: "admin" }],
});
