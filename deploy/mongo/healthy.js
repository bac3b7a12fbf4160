// The health check: makes a new server a replica set of one, so that transactions work, and ends with 0 once it
// takes writes.

const hello = db.hello();

// While the entrypoint sets a new database up it runs a server that is no replica set: not healthy yet.
if (!hello.setName && !hello.isreplicaset) {
  quit(1);
}

db.getSiblingDB("admin").auth(process.env.MONGO_INITDB_ROOT_USERNAME, process.env.MONGO_INITDB_ROOT_PASSWORD);
if (!hello.setName) {
  rs.initiate({ _id: "rs0", members: [{ _id: 0, host: "mongodb:27017" }] });
}
quit(db.hello().isWritablePrimary ? 0 : 1);
