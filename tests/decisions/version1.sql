-- A log as version 1 made it, with a decision and a receipt.
BEGIN TRANSACTION;
CREATE TABLE decisions (
    id TEXT PRIMARY KEY,        -- UUIDv7: sorts by time
    time INTEGER NOT NULL,      -- nanoseconds since the epoch, UTC
    writer TEXT NOT NULL,       -- the process that wrote it
    seq INTEGER NOT NULL,       -- 1, 2, 3, … of that writer
    producer TEXT,
    credential TEXT,
    stream TEXT NOT NULL,
    outcome TEXT NOT NULL,
    status INTEGER NOT NULL,
    code TEXT,
    refused INTEGER NOT NULL,   -- messages
    leaving INTEGER NOT NULL,   -- destinations that get messages of it
    request_id TEXT,
    idempotency_key TEXT,
    detail TEXT NOT NULL        -- the whole decision, JSON
);
INSERT INTO "decisions" VALUES('019a0000-0000-7000-8000-000000000001',1760000000000000000,'6b0f1c1e-5a1c-4c59-9a3e-3f0b8f0a5d11',1,'web-shop','key-1','orders','allowed',200,NULL,0,1,'old',NULL,'{"arrival":{"id":"019a0000-0000-7000-8000-000000000001","time":1760000000000000000,"stream":"orders","producer":"web-shop","credential":"key-1","client":null,"request_id":"old","traceparent":null,"idempotency_key":null,"media_type":null,"bytes_in":9},"outcome":"allowed","status":200,"code":null,"policies":[],"revision":null,"messages":1,"input":null,"plans":[{"destination":"crm","plan":"bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb","steps":[{"module":"mask","version":"1.0.0","sha256":"cccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccc","grants":["secret:pseudonym"],"reads":[]}],"classes":[{"name":"pii.email","treatment":"hmac","policies":[]}],"microseconds":[4],"fields":{"pii.email":2},"messages":1,"bytes":8}],"refusals":{}}');
CREATE TABLE deliveries (
    decision TEXT NOT NULL,
    destination TEXT NOT NULL,
    delivered INTEGER NOT NULL,
    time INTEGER NOT NULL,
    attempts INTEGER NOT NULL,
    receipt TEXT,
    error TEXT,
    PRIMARY KEY (decision, destination)
) WITHOUT ROWID;
INSERT INTO "deliveries" VALUES('019a0000-0000-7000-8000-000000000001','crm',1,1760000000001000000,1,'a.ndjson:0',NULL);
CREATE INDEX decisions_producer ON decisions (producer, id);
CREATE INDEX decisions_stream ON decisions (stream, id);
CREATE INDEX decisions_amiss ON decisions (id) WHERE code IS NOT NULL OR refused > 0;
CREATE INDEX decisions_request ON decisions (request_id, id) WHERE request_id IS NOT NULL;
CREATE INDEX decisions_key ON decisions (idempotency_key, id) WHERE idempotency_key IS NOT NULL;
CREATE INDEX deliveries_failed ON deliveries (decision) WHERE delivered = 0;
CREATE VIEW entries AS SELECT 0 AS kind, id AS c1, time AS c2, writer AS c3, seq AS c4, producer AS c5, credential AS c6, stream AS c7, outcome AS c8, status AS c9, code AS c10, refused AS c11, leaving AS c12, request_id AS c13, idempotency_key AS c14, detail AS c15 FROM decisions;
CREATE TRIGGER entries_insert INSTEAD OF INSERT ON entries BEGIN
    INSERT INTO decisions SELECT NEW.c1, NEW.c2, NEW.c3, NEW.c4, NEW.c5, NEW.c6, NEW.c7, NEW.c8, NEW.c9, NEW.c10, NEW.c11, NEW.c12, NEW.c13, NEW.c14, NEW.c15 WHERE NEW.kind = 0;
    -- a receipt that is there already stays as it is
    INSERT OR IGNORE INTO deliveries SELECT NEW.c1, NEW.c2, NEW.c3, NEW.c4, NEW.c5, NEW.c6, NEW.c7 WHERE NEW.kind = 1;
END;
CREATE TRIGGER decisions_no_UPDATE BEFORE UPDATE ON decisions
BEGIN SELECT RAISE(ABORT, 'decisions is append-only'); END;
CREATE TRIGGER decisions_no_DELETE BEFORE DELETE ON decisions
BEGIN SELECT RAISE(ABORT, 'decisions is append-only'); END;
CREATE TRIGGER deliveries_no_UPDATE BEFORE UPDATE ON deliveries
BEGIN SELECT RAISE(ABORT, 'deliveries is append-only'); END;
CREATE TRIGGER deliveries_no_DELETE BEFORE DELETE ON deliveries
BEGIN SELECT RAISE(ABORT, 'deliveries is append-only'); END;
COMMIT;
PRAGMA user_version = 1;
