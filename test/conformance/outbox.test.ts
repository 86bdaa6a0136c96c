import { memoryOutbox } from '../support/memory-outbox.ts';
import { outboxContract } from './outbox.ts';

outboxContract('memory', memoryOutbox);
