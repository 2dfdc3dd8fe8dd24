BEGIN TRANSACTION;
CREATE TABLE drift_checks (
	id INTEGER NOT NULL, 
	name TEXT NOT NULL, 
	PRIMARY KEY (id), 
	UNIQUE (name)
);
INSERT INTO "drift_checks" VALUES(1,'orders');
CREATE TABLE drift_columns (
	id INTEGER NOT NULL, 
	check_id INTEGER NOT NULL, 
	name TEXT NOT NULL, 
	PRIMARY KEY (id), 
	UNIQUE (check_id, name), 
	FOREIGN KEY(check_id) REFERENCES drift_checks (id) ON DELETE CASCADE
);
INSERT INTO "drift_columns" VALUES(1,1,'price');
INSERT INTO "drift_columns" VALUES(2,1,'size');
CREATE TABLE drift_findings (
	id INTEGER NOT NULL, 
	result_id INTEGER NOT NULL, 
	column_id INTEGER, 
	kind VARCHAR(20) NOT NULL, 
	status VARCHAR(12) NOT NULL, 
	message TEXT NOT NULL, 
	PRIMARY KEY (id), 
	FOREIGN KEY(result_id) REFERENCES drift_results (id) ON DELETE CASCADE, 
	FOREIGN KEY(column_id) REFERENCES drift_columns (id) ON DELETE CASCADE
);
CREATE TABLE drift_judgements (
	result_id INTEGER NOT NULL, 
	column_id INTEGER NOT NULL, 
	kind VARCHAR(20) NOT NULL, 
	status VARCHAR(12) NOT NULL, 
	gated BOOLEAN NOT NULL, 
	excess DOUBLE, 
	waived_until DATE, 
	reasons TEXT, 
	PRIMARY KEY (result_id, column_id), 
	FOREIGN KEY(result_id) REFERENCES drift_results (id) ON DELETE CASCADE, 
	FOREIGN KEY(column_id) REFERENCES drift_columns (id) ON DELETE CASCADE
)
 WITHOUT ROWID

;
INSERT INTO "drift_judgements" VALUES(1,1,'numeric','ok',1,1.99999999999999983346e-01,NULL,NULL);
INSERT INTO "drift_judgements" VALUES(1,2,'numeric','ok',1,1.99999999999999983346e-01,NULL,NULL);
INSERT INTO "drift_judgements" VALUES(2,1,'numeric','ok',1,1.99999999999999983346e-01,NULL,NULL);
INSERT INTO "drift_judgements" VALUES(2,2,'numeric','ok',1,1.99999999999999983346e-01,NULL,NULL);
CREATE TABLE drift_notices (
	check_name TEXT NOT NULL, 
	target TEXT NOT NULL, 
	state TEXT, 
	told DATETIME, 
	attempts INTEGER NOT NULL, 
	error TEXT, 
	PRIMARY KEY (check_name, target)
);
CREATE TABLE drift_pair_judgements (
	result_id INTEGER NOT NULL, 
	pair_id INTEGER NOT NULL, 
	status VARCHAR(12) NOT NULL, 
	excess DOUBLE, 
	waived_until DATE, 
	reasons TEXT, 
	PRIMARY KEY (result_id, pair_id), 
	FOREIGN KEY(result_id) REFERENCES drift_results (id) ON DELETE CASCADE, 
	FOREIGN KEY(pair_id) REFERENCES drift_pairs (id) ON DELETE CASCADE
)
 WITHOUT ROWID

;
INSERT INTO "drift_pair_judgements" VALUES(1,1,'ok',0.2,NULL,NULL);
INSERT INTO "drift_pair_judgements" VALUES(2,1,'drift',10.0,NULL,'0.1 bits that neither shows alone');
CREATE TABLE drift_pair_scores (
	result_id INTEGER NOT NULL, 
	pair_id INTEGER NOT NULL, 
	metric VARCHAR(40) NOT NULL, 
	value DOUBLE, 
	warn_threshold DOUBLE, 
	threshold DOUBLE, 
	p_value DOUBLE, 
	p_adjusted DOUBLE, 
	significant BOOLEAN, 
	status VARCHAR(12) NOT NULL, 
	PRIMARY KEY (result_id, pair_id, metric), 
	FOREIGN KEY(result_id) REFERENCES drift_results (id) ON DELETE CASCADE, 
	FOREIGN KEY(pair_id) REFERENCES drift_pairs (id) ON DELETE CASCADE
)
 WITHOUT ROWID

;
INSERT INTO "drift_pair_scores" VALUES(1,1,'pair_dependence',0.002,NULL,0.01,0.5,0.6,0,'ok');
INSERT INTO "drift_pair_scores" VALUES(2,1,'pair_dependence',0.1,NULL,0.01,1.0e-09,1.0e-08,1,'drift');
CREATE TABLE drift_pairs (
	id INTEGER NOT NULL, 
	check_id INTEGER NOT NULL, 
	first TEXT NOT NULL, 
	second TEXT NOT NULL, 
	PRIMARY KEY (id), 
	UNIQUE (check_id, first, second), 
	FOREIGN KEY(check_id) REFERENCES drift_checks (id) ON DELETE CASCADE
);
INSERT INTO "drift_pairs" VALUES(1,1,'price','size');
CREATE TABLE drift_profiles (
	result_id INTEGER NOT NULL, 
	data BLOB NOT NULL, 
	PRIMARY KEY (result_id), 
	FOREIGN KEY(result_id) REFERENCES drift_results (id) ON DELETE CASCADE
);
INSERT INTO "drift_profiles" VALUES(1,X'70726F66696C65');
INSERT INTO "drift_profiles" VALUES(2,X'70726F66696C65');
CREATE TABLE drift_results (
	id INTEGER NOT NULL, 
	run_id INTEGER NOT NULL, 
	check_id INTEGER NOT NULL, 
	day DATE NOT NULL, 
	started DATETIME NOT NULL, 
	finished DATETIME NOT NULL, 
	verdict VARCHAR(12) NOT NULL, 
	exit_code INTEGER NOT NULL, 
	error TEXT, 
	baseline TEXT NOT NULL, 
	current TEXT NOT NULL, 
	baseline_fingerprint VARCHAR(64), 
	current_fingerprint VARCHAR(64), 
	baseline_rows BIGINT, 
	current_rows BIGINT, 
	PRIMARY KEY (id), 
	FOREIGN KEY(run_id) REFERENCES drift_runs (id) ON DELETE CASCADE, 
	FOREIGN KEY(check_id) REFERENCES drift_checks (id) ON DELETE CASCADE
);
INSERT INTO "drift_results" VALUES(1,1,1,'2025-03-03','2025-03-03 04:00:00.000000','2025-03-03 04:00:03.000000','ok',0,NULL,'base.csv','2025-03-03.csv',NULL,NULL,1000,1000);
INSERT INTO "drift_results" VALUES(2,1,1,'2025-03-04','2025-03-04 04:00:00.000000','2025-03-04 04:00:03.000000','drift',0,NULL,'base.csv','2025-03-04.csv',NULL,NULL,1000,1000);
CREATE TABLE drift_runs (
	id INTEGER NOT NULL, 
	command TEXT NOT NULL, 
	version VARCHAR(40) NOT NULL, 
	started DATETIME NOT NULL, 
	ended DATETIME, 
	PRIMARY KEY (id)
);
INSERT INTO "drift_runs" VALUES(1,'drift run','0.1.0','2026-11-30 04:42:20.487726','2026-11-30 04:42:20.529509');
CREATE TABLE drift_schema_version (
	version INTEGER NOT NULL
);
INSERT INTO "drift_schema_version" VALUES(2);
CREATE TABLE drift_scores (
	result_id INTEGER NOT NULL, 
	column_id INTEGER NOT NULL, 
	metric VARCHAR(40) NOT NULL, 
	value DOUBLE, 
	error_bound DOUBLE, 
	warn_threshold DOUBLE, 
	threshold DOUBLE, 
	noise DOUBLE, 
	p_value DOUBLE, 
	p_adjusted DOUBLE, 
	significant BOOLEAN, 
	gated BOOLEAN NOT NULL, 
	status VARCHAR(12) NOT NULL, 
	PRIMARY KEY (result_id, column_id, metric), 
	FOREIGN KEY(result_id) REFERENCES drift_results (id) ON DELETE CASCADE, 
	FOREIGN KEY(column_id) REFERENCES drift_columns (id) ON DELETE CASCADE
)
 WITHOUT ROWID

;
INSERT INTO "drift_scores" VALUES(1,1,'js_distance',0.02,NULL,NULL,0.1,0.01,0.5,0.6,NULL,1,'ok');
INSERT INTO "drift_scores" VALUES(1,2,'js_distance',0.02,NULL,NULL,0.1,0.01,0.5,0.6,NULL,1,'ok');
INSERT INTO "drift_scores" VALUES(2,1,'js_distance',0.02,NULL,NULL,0.1,0.01,0.5,0.6,NULL,1,'ok');
INSERT INTO "drift_scores" VALUES(2,2,'js_distance',0.02,NULL,NULL,0.1,0.01,0.5,0.6,NULL,1,'ok');
CREATE TABLE drift_waivers (
	id INTEGER NOT NULL, 
	check_name TEXT NOT NULL, 
	pattern TEXT NOT NULL, 
	until DATE NOT NULL, 
	why TEXT NOT NULL, 
	recorded_by TEXT, 
	recorded DATETIME NOT NULL, 
	revoked DATETIME, 
	paired TEXT, 
	PRIMARY KEY (id)
);
INSERT INTO "drift_waivers" VALUES(1,'orders','price','2025-04-02','new list','ann','2026-11-30 04:42:20.522734',NULL,NULL);
INSERT INTO "drift_waivers" VALUES(2,'orders','price','2025-04-02','new halls','ann','2026-11-30 04:42:20.528575',NULL,'s*');
CREATE INDEX ix_drift_waivers_check_name ON drift_waivers (check_name);
CREATE INDEX drift_results_by_day ON drift_results (check_id, day, id, verdict);
CREATE INDEX ix_drift_results_run_id ON drift_results (run_id);
CREATE INDEX ix_drift_findings_result_id ON drift_findings (result_id);
COMMIT;
