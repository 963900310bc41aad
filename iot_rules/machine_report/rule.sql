SELECT encode(*, 'base64') AS payload,
       topic(2) AS tenant,
       topic(3) AS site,
       topic(4) AS thing,
       timestamp() AS received_ms,
       clientid() AS client
FROM 'cnc/+/+/+/machine_report'
