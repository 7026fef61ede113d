-- Deposits that were made before there were payments: each becomes one that has succeeded, under the number it was known by, in
-- our book and in the sandbox's.
INSERT INTO money.payments (
    id, direction, owner_id, account_id, provider, amount, currency, status, provider_reference, transaction_id, due_at,
    created_at, updated_at
)
SELECT
    t.id, 'deposit', a.owner_id, a.id, 'sandbox', s.amount, s.currency, 'succeeded', 'sbx_' || replace(t.id::text, '-', ''),
    t.id, NULL, t.posted_at, t.posted_at
FROM money.transactions AS t
JOIN money.sides AS s ON s.transaction_id = t.id AND s.side = 'credit'
JOIN money.accounts AS a ON a.id = s.account_id AND a.owner_id IS NOT NULL
WHERE t.kind = 'deposit';

UPDATE money.idempotency_keys AS k SET outcome = k.outcome || jsonb_build_object('payment_id', p.id)
FROM money.payments AS p WHERE k.principal_id = p.owner_id AND k.outcome ->> 'transaction_id' = p.id::text;

INSERT INTO money.sandbox_orders (payment_id, reference, direction, amount, currency, status, created_at)
SELECT id, provider_reference, direction, amount, currency, status, created_at FROM money.payments;

INSERT INTO money.sandbox_statement (id, type, amount, currency, reference, at)
SELECT 'line_' || replace(id::text, '-', ''), 'deposit', amount, currency, provider_reference, created_at FROM money.payments;
